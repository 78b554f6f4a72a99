/**
 * The client for pages that only show what others write: a WebSocket that comes back and rooms that go on. The
 * same classes as the whole client's, which is built on them; `roomPresence`, `roomSignals` and `roomState` of
 * `@parlor/client` take its rooms, too.
 */
export { CoreClient, type ClientEvents } from "./core-client.ts";
export type { CoreOptions } from "./core-options.ts";
export { CoreRoom, type SubscribeOptions } from "./core-room.ts";
export type { ConnectionState } from "./connection-state.ts";
export { LocalKeyStorage, type KeyOrigin, type KeyStorage } from "./key-storage.ts";
export type { RoomEvents } from "./room-events.ts";
export { webSocketTransport } from "./transports/websocket-transport.ts";
export { CodedError } from "@parlor/base";
export type { Lost, Message, Position, SubscribedFrame, WebSocketConstructor } from "@parlor/protocol";
