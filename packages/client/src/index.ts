export { ParlorClient, type AskedOf } from "./client.ts";
export { CoreClient, type ClientEvents } from "./core-client.ts";
export type { CoreOptions } from "./core-options.ts";
export { CoreRoom, type SubscribeOptions } from "./core-room.ts";
export type { ConnectionState } from "./connection-state.ts";
export type { Published, PublishedEarlier, RefusedPublish, Skipped, StateSet } from "./effects.ts";
export type { HistoryQuery } from "./history-requests.ts";
export type { OutboxStorage } from "./kept-outbox/outbox-storage.ts";
export { LocalKeyStorage, type KeyOrigin, type KeyStorage } from "./key-storage.ts";
export type { MessagesOptions } from "./message-iterator.ts";
export { CLIENT_DEFAULTS, type ClientOptions } from "./options.ts";
export type { PendingPublish } from "./outbox-item.ts";
export type { RequestOptions } from "./requests.ts";
export type { RoomEvents } from "./room-events.ts";
export { roomPresence, type Member, type PresenceEvents, type RoomPresence } from "./room-presence.ts";
export { roomSignals, type RoomSignal, type RoomSignals, type SignalEvents } from "./room-signals.ts";
export { roomState, type RoomState, type StateEvents } from "./room-state.ts";
export { ClientRoom, type HistoryPage, type PublishOptions } from "./room.ts";
export type {
  Transport,
  TransportClose,
  TransportConnection,
  TransportKind,
  TransportListener,
} from "./transports/transport.ts";
export { webSocketTransport } from "./transports/websocket-transport.ts";
export { preload } from "./preload.ts";
export { platformWake, type WakeSource } from "./wake.ts";
export { CodedError } from "@parlor/base";
export type {
  FrameEncoding,
  HistoryPageFrame,
  Lost,
  Message,
  Position,
  SocketEncoding,
  SubscribedFrame,
  WebSocketConstructor,
  WebSocketLike,
} from "@parlor/protocol";
