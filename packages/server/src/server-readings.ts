import type { RoomLog, SignalBus } from "@parlor/log";
import type { Reader } from "./reader/reader.ts";
import type { Counters } from "./room/counters.ts";
import type { Room } from "./room/room.ts";

/** What metrics and the status page are made from. All of it is read only when somebody asks. */
export interface ServerReadings {
  readonly counters: Counters;
  readonly rooms: OpenRooms;
  readonly log: Pick<RoomLog, "status">;
  readonly bus: Pick<SignalBus, "dropped">;
  readonly readers: { readonly all: Iterable<ReaderReading> };
  /** Bytes that wait unsent on all connections together. */
  readonly sendBufferBytes: () => number;
  readonly isDraining: () => boolean;
  readonly maxConnections: number;
  readonly bounds: readonly BoundReading[];
  readonly version: string;
  /** Which of several processes this is; null where it is the only one. */
  readonly worker: string | null;
}

/** Something that all of the server shares and that has an end: how much of it there is, and may be. */
export interface BoundReading {
  readonly bound: string;
  readonly used: () => number;
  readonly max: number;
}

/** Counts since the start, by what a label says: as many labels as the part that counts has words for. */
export interface TotalsReading {
  /** Behind `parlor_`; ends with `_total`. */
  readonly name: string;
  readonly help: string;
  readonly label: string;
  readonly read: () => Readonly<Record<string, number>>;
}

export type ReaderReading = Pick<Reader, "name" | "lag" | "read" | "failures">;

export interface OpenRooms {
  readonly size: number;
  open(): Iterable<OpenRoom>;
}

export type OpenRoom = Pick<Room, "name" | "subscriptionCount" | "liveCount" | "fannedOut">;

export interface SubscriptionCounts {
  readonly live: number;
  readonly catchingUp: number;
}

export function countSubscriptions(rooms: OpenRooms): SubscriptionCounts {
  let live = 0;
  let all = 0;
  for (const room of rooms.open()) {
    live += room.liveCount;
    all += room.subscriptionCount;
  }
  return { live, catchingUp: all - live };
}

export function countConnections({ connections }: Counters): number {
  let total = 0;
  for (const count of Object.values(connections)) total += count;
  return total;
}
