import type { Clock } from "@parlor/base";
import type { ReadBounds, RoomLog } from "@parlor/log";
import type { Counters } from "./counters.ts";
import type { KeptReads } from "./kept-reads.ts";
import type { NewestPages } from "./newest-pages.ts";
import type { ReadTurns } from "./read-turns.ts";
import type { RecentBudget } from "./recent-batches.ts";

/** What a room needs; all rooms of a server share one. */
export interface RoomDeps {
  readonly log: RoomLog;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly coalesceMs: number;
  readonly recentBudget: RecentBudget;
  readonly readTurns: ReadTurns;
  readonly newestPages: NewestPages;
  readonly keptReads: KeptReads;
  /** Does it behind all that this turn of the event loop brings. @default setImmediate */
  readonly atTurnsEnd?: ((task: () => void) => void) | undefined;
  /** Of one read for those who catch up. @default what fills about one frame */
  readonly readBounds?: ReadBounds | undefined;
  /** Something that no caller can be told went wrong. */
  readonly onFault: (error: unknown) => void;
}
