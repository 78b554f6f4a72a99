import type { Clock } from "@parlor/base";
import type { LogStatus } from "@parlor/log";
import type { ErrorCode } from "@parlor/protocol";
import type { ProcessReadings, EventLoopDelay } from "./process-readings.ts";
import type { ConnectionRefusal, TransportName } from "./room/counters.ts";
import {
  countConnections,
  countSubscriptions,
  type OpenRooms,
  type ServerReadings,
} from "./server-readings.ts";

/**
 * What `/status` shows, and what `GET /status` answers as JSON. `totals` only rise while the process
 * lives; rates are the difference of two snapshots, divided by that of their `uptimeMs`.
 */
export interface StatusSnapshot {
  readonly version: string;
  /** Which of several processes answered; null where there is one. Everything here is its own. */
  readonly worker: string | null;
  /** `ready`: takes publishes. `limited`: the log can't take them now. `draining`: about to stop. */
  readonly state: "ready" | "limited" | "draining";
  readonly uptimeMs: number;
  readonly log: LogStatus;
  readonly connections: {
    readonly total: number;
    readonly max: number;
    readonly slowReaders: number;
    readonly byTransport: Readonly<Record<TransportName, number>>;
  };
  readonly subscriptions: { readonly live: number; readonly catchingUp: number };
  readonly rooms: {
    readonly open: number;
    /** Why there are names, or why there are none. */
    readonly names: RoomNames;
    /** The open rooms with the most subscriptions; empty where names are not shown. */
    readonly list: readonly RoomStatus[];
  };
  readonly sendBufferBytes: number;
  readonly residentBytes: number | null;
  readonly eventLoopDelay: EventLoopDelay | null;
  readonly totals: {
    readonly published: number;
    readonly duplicates: number;
    readonly messagesDelivered: number;
    readonly bytesOut: number;
    readonly bytesIn: number;
    readonly framesOut: number;
    readonly catchUpReads: number;
    readonly lost: number;
    readonly signalsDropped: number;
    /** What did not go to the other processes. */
    readonly busDropped: number;
    readonly slowCloses: number;
    readonly heartbeatCloses: number;
    readonly refused: Readonly<Partial<Record<ErrorCode, number>>>;
    readonly connectionsRefused: Readonly<Partial<Record<ConnectionRefusal, number>>>;
  };
}

/**
 * `shown`: the visitor may see them. `key-needed`, `key-wrong`: the operator's key would open them.
 * `local-only`: there is no such key, so they are shown on the machine itself only.
 */
export type RoomNames = "shown" | "key-needed" | "key-wrong" | "local-only";

export interface RoomStatus {
  readonly room: string;
  readonly subscriptions: number;
  readonly catchingUp: number;
  /** Offset of the newest message. */
  readonly head: number;
}

/** Rooms that a snapshot lists. */
const MAX_LISTED_ROOMS = 50;

/** Takes snapshots of one server. */
export class StatusBoard {
  readonly #readings: ServerReadings;
  readonly #process: ProcessReadings;
  readonly #clock: Clock;
  readonly #startedMs: number;

  constructor(readings: ServerReadings, process: ProcessReadings, clock: Clock) {
    this.#readings = readings;
    this.#process = process;
    this.#clock = clock;
    this.#startedMs = clock.monotonic();
  }

  snapshot(names: RoomNames): StatusSnapshot {
    const { counters, rooms, log, bus, version, worker, maxConnections } = this.#readings;
    return {
      version,
      worker,
      state: this.#readings.isDraining() ? "draining" : log.status.kind === "ready" ? "ready" : "limited",
      uptimeMs: Math.round(this.#clock.monotonic() - this.#startedMs),
      log: log.status,
      connections: {
        total: countConnections(counters),
        max: maxConnections,
        slowReaders: counters.slowReaders,
        byTransport: { ...counters.connections },
      },
      subscriptions: countSubscriptions(rooms),
      rooms: { open: rooms.size, names, list: names === "shown" ? busiest(rooms) : [] },
      sendBufferBytes: this.#readings.sendBufferBytes(),
      residentBytes: this.#process.residentBytes(),
      eventLoopDelay: this.#process.eventLoopDelay(),
      totals: {
        published: counters.published,
        duplicates: counters.duplicates,
        messagesDelivered: counters.messagesDelivered,
        bytesOut: counters.bytesOut,
        bytesIn: counters.bytesIn,
        framesOut: counters.framesOut,
        catchUpReads: counters.catchUpReads,
        lost: counters.lost,
        signalsDropped: counters.signalsDropped,
        busDropped: bus.dropped,
        slowCloses: counters.slowCloses,
        heartbeatCloses: counters.heartbeatCloses,
        refused: nonZero(counters.refused),
        connectionsRefused: nonZero(counters.connectionsRefused),
      },
    };
  }
}

function busiest(rooms: OpenRooms): RoomStatus[] {
  const all: RoomStatus[] = [];
  for (const { name, subscriptionCount, liveCount, fannedOut } of rooms.open()) {
    all.push({
      room: name,
      subscriptions: subscriptionCount,
      catchingUp: subscriptionCount - liveCount,
      head: fannedOut,
    });
  }
  all.sort((a, b) => b.subscriptions - a.subscriptions || (a.room < b.room ? -1 : 1));
  return all.slice(0, MAX_LISTED_ROOMS);
}

function nonZero<Name extends string>(counts: Readonly<Record<Name, number>>): Partial<Record<Name, number>> {
  const entries = Object.entries<number>(counts).filter(([, count]) => count > 0);
  return Object.fromEntries(entries) as Partial<Record<Name, number>>;
}
