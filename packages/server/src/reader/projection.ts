import type { StoredMessage } from "@parlor/log";

/** Up to where a reader has read a room. */
export interface ReaderPosition {
  readonly epoch: string;
  readonly offset: number;
  /** When the newest message that was read was written, ms since 1970. */
  readonly at: number;
}

export interface RoomPosition extends ReaderPosition {
  readonly room: string;
}

/** What a projection is asked to take in, each in one transaction with the position that it leads to. */
export type ReaderStep =
  | {
      readonly kind: "messages";
      readonly room: string;
      /** The position that this goes on from; null where nothing of the room was read. */
      readonly before: ReaderPosition | null;
      readonly after: ReaderPosition;
      /** Ascending, without those that were erased before they were read; maybe none. */
      readonly messages: readonly StoredMessage[];
    }
  /** Bodies that were read and are erased now. */
  | { readonly kind: "erased"; readonly room: string; readonly offsets: readonly number[] }
  /** What lies before `earliest` is gone from the log. */
  | { readonly kind: "trimmed"; readonly room: string; readonly earliest: number }
  /**
   * The room was deleted or has another history: all that came of it is forgotten, and its position becomes this
   * one, or none.
   */
  | { readonly kind: "forgotten"; readonly room: string; readonly position: ReaderPosition | null };

export type TakeOutcome =
  | { readonly kind: "taken" }
  /** An effect failed: what was before it is kept, with `position`; nothing of it itself. */
  | { readonly kind: "failed"; readonly position: ReaderPosition | null; readonly fault: unknown }
  /** The position that it has is not `before`: somebody else read on, or it was made anew. Nothing was taken. */
  | { readonly kind: "moved" };

/**
 * The port of what a named reader writes: a table of positions, and whatever its effects keep beside it.
 *
 * A step is taken whole, with its position, or not at all, also where the process is killed in the middle;
 * so each message has its effect here once. Steps come one at a time, those that read from `roomsAtOnce` rooms. A step that was taken and is asked for
 * again (its answer was lost) is `moved` where it reads, and harmless where it forgets.
 *
 * Errors: a method rejects where the storage can't serve now; nothing was taken then.
 */
export interface Projection {
  /** Whether it is to be told what is erased, trimmed and forgotten. */
  readonly forgets: boolean;
  /** How many rooms it is given messages of at one time; of each room one step. 1 where effects are to be alone. */
  readonly roomsAtOnce: number;
  /** Opens what was kept, or makes it; answers when it was made, ms since 1970 (`now`, where it is made). */
  open(now: number): Promise<number>;
  position(room: string): Promise<ReaderPosition | null>;
  /** Rooms that were read, by name (in the order of its UTF-8), `limit` at a time from behind `afterName` on. */
  positions(afterName: string, limit: number): Promise<readonly RoomPosition[]>;
  take(step: ReaderStep): Promise<TakeOutcome>;
  /** Whether somebody beside this process asked for it to be made anew. */
  isRebuildWanted(): Promise<boolean>;
  /** Forgets everything, and is as if it had been made now. */
  rebuild(now: number): Promise<void>;
  /** Releases what it holds. Twice is the same as once. */
  close(): Promise<void>;
}

export function isSamePosition(a: ReaderPosition | null, b: ReaderPosition | null): boolean {
  return a === null || b === null ? a === b : a.epoch === b.epoch && a.offset === b.offset;
}
