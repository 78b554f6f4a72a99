import { TokenBucket } from "@parlor/base";

/** Oldest buckets looked at when a new one comes in. More than one, so that full ones go faster than new ones come. */
const SWEPT_PER_NEW = 4;

/**
 * Token buckets by name, of which there are never more than `maxBuckets`.
 *
 * A bucket that is full again says nothing and is forgotten; each new one pays for looking at the
 * oldest few. Where none of them is full and the map is, the oldest goes: its owner then has a full
 * burst again, which costs less than letting strangers decide how much memory there is.
 */
export class BucketMap {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #maxBuckets: number;
  readonly #onEvict: () => void;
  readonly #buckets = new Map<string, TokenBucket>();

  /** @param onEvict  Told of each bucket that was forgotten before it was full again. */
  constructor(perSecond: number, burst: number, maxBuckets: number, onEvict: () => void = () => undefined) {
    this.#onEvict = onEvict;
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#maxBuckets = maxBuckets;
  }

  get size(): number {
    return this.#buckets.size;
  }

  /** Milliseconds until a token can be taken; 0 where it can now. Makes no bucket. */
  waitMs(name: string, nowMs: number): number {
    return this.#buckets.get(name)?.waitMs(nowMs) ?? 0;
  }

  /** Takes one token; false where there is none. */
  take(name: string, nowMs: number): boolean {
    return (this.#buckets.get(name) ?? this.#add(name, nowMs)).take(nowMs);
  }

  /** Gives one token back. A bucket forgotten meanwhile was full or evicted: nothing to give back to. */
  refund(name: string): void {
    this.#buckets.get(name)?.refund();
  }

  #add(name: string, nowMs: number): TokenBucket {
    this.#sweep(nowMs);
    const bucket = new TokenBucket(this.#perSecond, this.#burst, nowMs);
    this.#buckets.set(name, bucket);
    return bucket;
  }

  #sweep(nowMs: number): void {
    // A Map keeps the order of insertion, so the first keys are the oldest; one that is still in use
    // goes to the back and has its turn again.
    let left = SWEPT_PER_NEW;
    for (const [name, bucket] of this.#buckets) {
      if (left === 0) break;
      left -= 1;
      this.#buckets.delete(name);
      if (bucket.isFull(nowMs)) continue;
      if (this.#buckets.size + 1 < this.#maxBuckets) this.#buckets.set(name, bucket);
      else this.#onEvict();
    }
  }
}
