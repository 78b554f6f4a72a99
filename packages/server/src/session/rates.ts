/**
 * How much one identity, and one address, may publish.
 *
 * Two questions: may it publish now, and may its publish make a new producer's row (which the log keeps
 * for days). Each is asked of two buckets, the identity's and the address's, since identities are free
 * for the making and addresses are not. Rules: docs/protocol.md, "Strangers cannot make the server grow".
 *
 * Tokens are taken before the log is asked and given back where the answer shows that nothing was used:
 * a duplicate costs nothing, a producer that is already known costs no row.
 */
import { addressGroup } from "./address-group.ts";
import { BucketMap } from "./bucket-map.ts";

/** How many times as much one address may publish as one identity. */
const ADDRESS_SHARE = 5;

/** The burst, in seconds' worth of the rate. */
const BURST_SECONDS = 5;

const NEW_PRODUCERS = { perSecond: 2, burst: 60 } as const;
const NEW_PRODUCERS_PER_ADDRESS = { perSecond: 20, burst: 600 } as const;

/** Buckets kept of each of the four kinds: about 3 MB a kind when every one is in use. */
const MAX_BUCKETS = 20_000;

export interface RatesOptions {
  /** Publishes of one identity; `Infinity` turns every rate here off. */
  readonly publishPerSecond: number;
  /** @default 20_000 */
  readonly maxBuckets?: number | undefined;
  /** Told of each bucket that was forgotten for want of room, so that its owner has a full burst again. */
  readonly onEvict?: (() => void) | undefined;
}

export class Rates {
  /** Buckets that there may be, of all kinds. */
  readonly maxSize: number;
  readonly #isOff: boolean;
  readonly #publishByIdentity: BucketMap;
  readonly #publishByAddress: BucketMap;
  readonly #producersByIdentity: BucketMap;
  readonly #producersByAddress: BucketMap;

  constructor({ publishPerSecond, maxBuckets = MAX_BUCKETS, onEvict }: RatesOptions) {
    this.maxSize = 4 * maxBuckets;
    this.#isOff = publishPerSecond === Infinity;
    const burst = publishPerSecond * BURST_SECONDS;
    this.#publishByIdentity = new BucketMap(publishPerSecond, burst, maxBuckets, onEvict);
    this.#publishByAddress = new BucketMap(
      publishPerSecond * ADDRESS_SHARE,
      burst * ADDRESS_SHARE,
      maxBuckets,
      onEvict,
    );
    this.#producersByIdentity = new BucketMap(
      NEW_PRODUCERS.perSecond,
      NEW_PRODUCERS.burst,
      maxBuckets,
      onEvict,
    );
    this.#producersByAddress = new BucketMap(
      NEW_PRODUCERS_PER_ADDRESS.perSecond,
      NEW_PRODUCERS_PER_ADDRESS.burst,
      maxBuckets,
      onEvict,
    );
  }

  /** Buckets held now, of all kinds. */
  get size(): number {
    return (
      this.#publishByIdentity.size +
      this.#publishByAddress.size +
      this.#producersByIdentity.size +
      this.#producersByAddress.size
    );
  }

  /**
   * Takes the cost of one publish, or says in how many ms it can be asked again (at least 1) and takes
   * nothing. `address` may be an address or its `addressGroup`; `nowMs` is monotonic.
   */
  takePublish(identity: string, address: string, nowMs: number): number {
    if (this.#isOff) return 0;
    return takeBoth(this.#publishByIdentity, identity, this.#publishByAddress, addressGroup(address), nowMs);
  }

  /** Gives back what `takePublish` took, for a publish that was not stored. */
  refundPublish(identity: string, address: string): void {
    if (this.#isOff) return;
    this.#publishByIdentity.refund(identity);
    this.#publishByAddress.refund(addressGroup(address));
  }

  /**
   * Takes the cost of one new producer's row, as `takePublish` does. Not to be asked for an identity that
   * the host authenticated: the host answers for those.
   */
  takeProducer(identity: string, address: string, nowMs: number): number {
    if (this.#isOff) return 0;
    return takeBoth(
      this.#producersByIdentity,
      identity,
      this.#producersByAddress,
      addressGroup(address),
      nowMs,
    );
  }

  /** Gives back what `takeProducer` took, for an append that made no row. */
  refundProducer(identity: string, address: string): void {
    if (this.#isOff) return;
    this.#producersByIdentity.refund(identity);
    this.#producersByAddress.refund(addressGroup(address));
  }
}

function takeBoth(
  byIdentity: BucketMap,
  identity: string,
  byAddress: BucketMap,
  group: string,
  nowMs: number,
): number {
  const waitMs = Math.max(byIdentity.waitMs(identity, nowMs), byAddress.waitMs(group, nowMs));
  // A millisecond more than was worked out: many small refills round a bucket down by a hair, and a peer
  // that comes back exactly when it was told to must not be refused again.
  if (waitMs > 0) return waitMs + 1;
  byIdentity.take(identity, nowMs);
  byAddress.take(group, nowMs);
  return 0;
}
