import type { Position } from "@parlor/client";
import { signal } from "@preact/signals";

/**
 * Where the line stands above which everything was read.
 *
 * It is where the person stopped when they looked away: left the room, the page, or its newest end. It stays
 * while they read what came since, also when they scroll up to it, and moves on when they look away again.
 */
export class UnreadMark {
  /** Everything up to here was read; null where nothing is known of that. */
  readonly after = signal<number | null>(null);
  readonly #read: Position | null;
  #epoch: string | null = null;

  /** @param read how far the room was read in an earlier visit */
  constructor(read: Position | null) {
    this.#read = read;
  }

  /** The room is here; offsets belong to `epoch`. */
  begin(epoch: string): void {
    if (this.#epoch === epoch) return;
    const isFirst = this.#epoch === null;
    this.#epoch = epoch;
    this.after.value = isFirst && this.#read?.epoch === epoch ? this.#read.offset : null;
  }

  /** The person looks away, having seen everything up to `seenTo`. */
  lookAway(seenTo: number): void {
    this.after.value = seenTo;
  }

  /** They wrote something: whoever answers has read. */
  clear(): void {
    this.after.value = null;
  }
}
