/**
 * The parts of the server that touch no socket: what a simulation, or a transport of one's own, is made of.
 * Everybody else takes `Parlor`.
 */
export { openSignalRooms } from "./signal-rooms-of.ts";
export { openStateRooms } from "./state-stores.ts";
export { drainServices, type Departing } from "./drain.ts";
export { Counters } from "./room/counters.ts";
export type { EncodedBatch } from "./room/encoded-batch.ts";
export { EventLog } from "./room/event-log.ts";
export { silentLogger } from "./room/logger.ts";
export type { SharedFrames } from "./room/shared-frames.ts";
export { PresenceRooms } from "./room/presence-rooms.ts";
export { KeptReads } from "./room/kept-reads.ts";
export { RecentBudget } from "./room/recent-batches.ts";
export { Readers } from "./reader/readers.ts";
export { RoomRegistry } from "./room/room-registry.ts";
export { BodyPlaces } from "./session/body-places.ts";
export { textOf, type CloseReason, type Connection, type FrameText } from "./session/connection.ts";
export { Heartbeat, type Living } from "./session/heartbeat.ts";
export { identityFromKey } from "./session/identity.ts";
export type { LifeObservation } from "./session/life.ts";
export { RequestDesk } from "./session/request-desk.ts";
export { PageTurns } from "./session/page-turns.ts";
export { PublishGate } from "./session/publish-gate.ts";
export { Rates } from "./session/rates.ts";
export { AppendsInFlight } from "./session/appends-in-flight.ts";
export type { Services } from "./session/services.ts";
export { SignalRates } from "./session/signal-rates.ts";
export { StreamPongs } from "./session/stream-pongs.ts";
export { Session } from "./session/session.ts";
export type { Address } from "./transport/address.ts";
