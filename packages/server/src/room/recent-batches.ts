import type { StoredMessage } from "@parlor/log";
import { cutIntoBatches, type EncodedBatch } from "./encoded-batch.ts";

/**
 * The newest batches of one room, as they went out: what the live tail would have given somebody who
 * comes a moment late. It is shared by all subscribers, so a reader that just misses the live tail, or
 * two thousand that come back at once, cost no read of the log.
 *
 *     oldest ─▶ [61..80] [81..83] [84..120] ◀─ newest          reachableFrom = 60
 *
 * Talk that was slow left many small batches. Whoever comes behind them takes them joined, up to a frame;
 * the last such frame is kept, for those who come with the same cursor.
 *
 * Bounded twice: per room, and for all rooms together by `RecentBudget`.
 */
export class RecentBatches {
  readonly #maxBytes: number;
  readonly #budget: RecentBudget;
  readonly #batches: EncodedBatch[] = [];
  #joined: EncodedBatch | null = null;
  #bytes = 0;

  constructor(maxBytes: number, budget: RecentBudget) {
    this.#maxBytes = maxBytes;
    this.#budget = budget;
  }

  push(batch: EncodedBatch): void {
    this.#keepJoined(null);
    this.#batches.push(batch);
    this.#count(batch.bytes);
    const allowed = this.#budget.isOver ? this.#maxBytes / 16 : this.#maxBytes;
    while (this.#bytes > allowed && this.#batches.length > 0) {
      this.#dropOldest();
      this.#budget.onDrop();
    }
  }

  /**
   * What to take next at `cursor`: a batch, cut to what lies behind it, or several as one; null where the
   * log must be read.
   */
  next(cursor: number): EncodedBatch | null {
    if (this.#joined?.after === cursor) return this.#joined;
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
    if (batch.last <= cursor) return null;
    const next = this.#batches[low + 1];
    if (next === undefined || batch.bytes + next.bytes > JOIN_BYTES) return batch.behind(cursor);
    return this.#join(low, cursor);
  }

  /** Forgets everything: a body was erased, or the history changed. */
  clear(): void {
    this.#keepJoined(null);
    while (this.#batches.length > 0) this.#dropOldest();
  }

  #join(first: number, cursor: number): EncodedBatch | null {
    const batches = this.#batches;
    const { room, epoch } = batches[first] as EncodedBatch;
    const messages: StoredMessage[] = [];
    let bytes = 0;
    for (let i = first; i < batches.length; i++) {
      const batch = batches[i] as EncodedBatch;
      bytes += batch.bytes;
      if (bytes > JOIN_BYTES) break;
      messages.push(...batch.behind(cursor).messages);
    }
    const joined = cutIntoBatches(room, epoch, cursor, messages)[0] ?? null;
    this.#keepJoined(joined);
    return joined;
  }

  #keepJoined(batch: EncodedBatch | null): void {
    if (this.#joined !== null) this.#count(-this.#joined.bytes);
    this.#joined = batch;
    if (batch !== null) this.#count(batch.bytes);
  }

  #dropOldest(): void {
    this.#count(-(this.#batches.shift()?.bytes ?? 0));
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.#budget.usedBytes += bytes;
  }
}

/** How much batches are joined up to, as they count here: no more than a frame or two, of which one is taken. */
const JOIN_BYTES = 98_304;

/** What all rooms' recent batches may hold together; above it each room keeps a sixteenth of its share. */
export class RecentBudget {
  readonly maxBytes: number;
  readonly onDrop: () => void;
  usedBytes = 0;

  /** @param onDrop  Told of each batch that a room gave up for want of room. */
  constructor(maxBytes: number, onDrop: () => void = () => undefined) {
    this.maxBytes = maxBytes;
    this.onDrop = onDrop;
  }

  get isOver(): boolean {
    return this.usedBytes > this.maxBytes;
  }
}
