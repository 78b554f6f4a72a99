/**
 * A token bucket: `perSecond` tokens flow in, at most `burst` are kept.
 * The caller passes the time, so the bucket holds no clock; `Infinity` per second never refuses.
 */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #atMs: number;

  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#atMs = nowMs;
  }

  /** Takes one token; false where there is none. */
  take(nowMs: number): boolean {
    if (this.#perSecond === Infinity) return true;
    this.#refill(nowMs);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Gives one token back, for work that turned out to cost nothing. */
  refund(): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + 1);
  }

  /** Milliseconds until `take` can succeed; 0 where it can now. */
  waitMs(nowMs: number): number {
    if (this.#perSecond === Infinity) return 0;
    this.#refill(nowMs);
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) / this.#perSecond) * 1000);
  }

  /** True when nothing would be lost by forgetting this bucket. */
  isFull(nowMs: number): boolean {
    if (this.#perSecond === Infinity) return true;
    this.#refill(nowMs);
    return this.#tokens >= this.#burst;
  }

  #refill(nowMs: number): void {
    if (nowMs <= this.#atMs) return;
    this.#tokens = Math.min(this.#burst, this.#tokens + ((nowMs - this.#atMs) / 1000) * this.#perSecond);
    this.#atMs = nowMs;
  }
}
