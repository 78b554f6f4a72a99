import type { Clock, Random } from "@parlor/base";
import type { RoomLog, SignalBus } from "@parlor/log";
import type { Limits } from "@parlor/protocol";
import type { AppendsInFlight } from "./appends-in-flight.ts";
import type { FileDesk } from "../files/file-desk.ts";
import type { Counters } from "../room/counters.ts";
import type { EventLog } from "../room/event-log.ts";
import type { Authenticate, Authorize } from "./hooks.ts";
import type { Logger } from "../room/logger.ts";
import type { RoomRegistry } from "../room/room-registry.ts";
import type { PresenceRooms } from "../room/presence-rooms.ts";
import type { SignalRooms } from "../room/signal-rooms.ts";
import type { StateRooms } from "../room/state-rooms.ts";
import type { BodyPlaces } from "./body-places.ts";
import type { PageTurns } from "./page-turns.ts";
import type { PublishGate } from "./publish-gate.ts";
import type { RequestDesk } from "./request-desk.ts";
import type { Schemas } from "./schemas.ts";
import type { Readers } from "../reader/readers.ts";
import type { SignalRates } from "./signal-rates.ts";
import type { StreamPongs } from "./stream-pongs.ts";

/** What every session of one server shares. */
export interface Services {
  readonly log: RoomLog;
  readonly bus: SignalBus;
  readonly rooms: RoomRegistry;
  readonly states: StateRooms;
  readonly signals: SignalRooms;
  readonly presences: PresenceRooms;
  readonly signalRates: SignalRates;
  readonly pongs: StreamPongs;
  readonly gate: PublishGate;
  readonly pages: PageTurns;
  readonly bodies: BodyPlaces;
  /** Null where the server takes no files. */
  readonly files: FileDesk | null;
  /** Files that are sent at a time. */
  readonly fileSends: BodyPlaces;
  readonly requests: RequestDesk;
  readonly readers: Readers;
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: Counters;
  readonly logger: Logger;
  readonly events: EventLog;
  readonly limits: Limits;
  readonly heartbeatMs: number;
  readonly authenticate: Authenticate | null;
  readonly authorize: Authorize | null;
  /** What the host declared; null for nothing. */
  readonly schemas: Schemas | null;
  readonly appends: AppendsInFlight;
  /** True from the first moment of a drain on. */
  isDraining: boolean;
}
