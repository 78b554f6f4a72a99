import type { EncodedBatch } from "./encoded-batch.ts";

/**
 * The newest batches of one room, as they went out: what the live tail would have given somebody who
 * comes a moment late. It is shared by all subscribers, so a reader that just misses the live tail, or
 * two thousand that come back at once, cost no read of the log.
 *
 *     oldest ─▶ [61..80] [81..83] [84..120] ◀─ newest          reachableFrom = 60
 *
 * Bounded twice: per room, and for all rooms together by `RecentBudget`.
 */
export class RecentBatches {
  readonly #maxBytes: number;
  readonly #budget: RecentBudget;
  readonly #batches: EncodedBatch[] = [];
  #bytes = 0;

  constructor(maxBytes: number, budget: RecentBudget) {
    this.#maxBytes = maxBytes;
    this.#budget = budget;
  }

  push(batch: EncodedBatch): void {
    const bytes = batch.bytes;
    this.#batches.push(batch);
    this.#bytes += bytes;
    this.#budget.usedBytes += bytes;
    const allowed = this.#budget.isOver ? this.#maxBytes / 16 : this.#maxBytes;
    while (this.#bytes > allowed && this.#batches.length > 0) this.#dropOldest();
  }

  /** The batch to take next at `cursor`, cut to what lies behind it; null where the log must be read. */
  next(cursor: number): EncodedBatch | null {
    const oldest = this.#batches[0];
    if (oldest === undefined || cursor < oldest.after) return null;
    let low = 0;
    let high = this.#batches.length - 1;
    // The first batch that ends behind the cursor.
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#batches[middle] as EncodedBatch).last > cursor) high = middle;
      else low = middle + 1;
    }
    const batch = this.#batches[low] as EncodedBatch;
    return batch.last > cursor ? batch.behind(cursor) : null;
  }

  /** Forgets everything: a body was erased, or the history changed. */
  clear(): void {
    while (this.#batches.length > 0) this.#dropOldest();
  }

  #dropOldest(): void {
    const bytes = this.#batches.shift()?.bytes ?? 0;
    this.#bytes -= bytes;
    this.#budget.usedBytes -= bytes;
  }
}

/** What all rooms' recent batches may hold together; above it each room keeps a sixteenth of its share. */
export class RecentBudget {
  readonly maxBytes: number;
  usedBytes = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  get isOver(): boolean {
    return this.usedBytes > this.maxBytes;
  }
}
