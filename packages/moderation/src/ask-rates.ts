import { type Clock, CodedError, TokenBucket } from "@parlor/base";
import type { RequestQuestion } from "@parlor/server";
import { groupsOf } from "./address-marks.ts";

/** Per identity; an address may five times as much. What is written stays, so it comes slower. */
const RATES = {
  look: { perSecond: 10, burst: 40 },
  write: { perSecond: 2, burst: 30 },
  report: { perSecond: 0.2, burst: 10 },
  claim: { perSecond: 0.1, burst: 10 },
} as const;

const OF_ADDRESS = 5;
const MAX_BUCKETS = 10_000;

export type Asked = keyof typeof RATES;

/** How often one identity, and one address, asks for something of moderation. */
export class AskRates {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws {CodedError} `rate-limited` with `retryAfterMs` */
  take(asked: Asked, { identity, address }: Pick<RequestQuestion, "identity" | "address">): void {
    const now = this.#clock.monotonic();
    const [group = address] = groupsOf(address);
    const own = this.#bucket(`${asked}\n${identity}`, asked, 1, now);
    const ofAddress = this.#bucket(`${asked}\n@${group}`, asked, OF_ADDRESS, now);
    const waitMs = Math.max(own.waitMs(now), ofAddress.waitMs(now));
    if (waitMs > 0) {
      const error = new CodedError(
        "rate-limited",
        "That is asked more often than one person may; wait a little.",
      );
      throw Object.assign(error, { retryAfterMs: Math.ceil(waitMs) });
    }
    own.take(now);
    ofAddress.take(now);
  }

  #bucket(name: string, asked: Asked, times: number, now: number): TokenBucket {
    const { perSecond, burst } = RATES[asked];
    const bucket = this.#buckets.get(name) ?? new TokenBucket(perSecond * times, burst * times, now);
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
    if (this.#buckets.size > MAX_BUCKETS) this.#buckets.delete(this.#buckets.keys().next().value ?? "");
    return bucket;
  }
}
