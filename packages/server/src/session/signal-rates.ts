import { TokenBucket } from "@parlor/base";
import { addressGroup } from "./address-group.ts";
import { BucketMap } from "./bucket-map.ts";

/** Bytes of a body that one signal of the rate may have; a larger one counts as several. */
export const SIGNAL_UNIT_BYTES = 4_096;

/** What all sends of one address together may say, in shares of one connection. */
const ADDRESS_SHARE = 20;

/** Buckets kept of each of the two kinds. */
const MAX_BUCKETS = 20_000;

/** How many signals a signal with a body of so many bytes counts as. */
export function signalCost(bodyBytes: number): number {
  return Math.max(1, Math.ceil(bodyBytes / SIGNAL_UNIT_BYTES));
}

/** The rate of one connection. */
export interface SignalRate {
  /** Takes the cost of one signal, as far as there is something: false where there is nothing left. */
  take(cost: number, nowMs: number): boolean;
}

/**
 * How fast signals may come: each connection has a bucket of its own; where each request is a connection,
 * its identity has one, and its address 20 times as much, since identities are free for the making.
 */
export class SignalRates {
  readonly maxSize = 2 * MAX_BUCKETS;
  readonly #perSecond: number;
  readonly #byIdentity: BucketMap;
  readonly #byAddress: BucketMap;

  constructor(signalsPerSecond: number, onEvict?: () => void) {
    this.#perSecond = signalsPerSecond;
    const share = signalsPerSecond * ADDRESS_SHARE;
    this.#byIdentity = new BucketMap(signalsPerSecond, signalsPerSecond, MAX_BUCKETS, onEvict);
    this.#byAddress = new BucketMap(share, share, MAX_BUCKETS, onEvict);
  }

  get size(): number {
    return this.#byIdentity.size + this.#byAddress.size;
  }

  ofConnection(nowMs: number): SignalRate {
    const bucket = new TokenBucket(this.#perSecond, this.#perSecond, nowMs);
    return { take: (cost, now) => takeUpTo(cost, () => bucket.take(now)) };
  }

  /** For a connection that is one request. */
  ofSender(identity: string, address: string): SignalRate {
    const group = addressGroup(address);
    const byIdentity = this.#byIdentity;
    const byAddress = this.#byAddress;
    return {
      take: (cost, now) => {
        if (byIdentity.waitMs(identity, now) > 0 || byAddress.waitMs(group, now) > 0) return false;
        takeUpTo(cost, () => byIdentity.take(identity, now));
        takeUpTo(cost, () => byAddress.take(group, now));
        return true;
      },
    };
  }
}

/** Whether there was one at all: a large signal may be the last of what there is. */
function takeUpTo(cost: number, takeOne: () => boolean): boolean {
  if (!takeOne()) return false;
  for (let taken = 1; taken < cost && takeOne(); ) taken += 1;
  return true;
}
