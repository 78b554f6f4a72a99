import { timingSafeEqual } from "node:crypto";
import type { Clock } from "@parlor/base";
import { digest } from "./operator.ts";
import type { Counters } from "./room/counters.ts";
import type { EventLog } from "./room/event-log.ts";
import { addressGroup } from "./session/address-group.ts";
import { BucketMap } from "./session/bucket-map.ts";

/**
 * `operator`: it is the key. `off`: this server has none. `no-key`, `wrong-key`: as said. `too-many-guesses`: this
 * address showed so many wrong ones that none is looked at for a while, the right one neither.
 */
export type OperatorVerdict = "operator" | "off" | "no-key" | "wrong-key" | "too-many-guesses";

/** Wrong keys that one address may show at once, and then one in so many seconds. */
const GUESSES = { burst: 10, everySeconds: 10 } as const;

const MAX_BUCKETS = 20_000;

interface Deps {
  readonly operatorKey: string | null;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly events: Pick<EventLog, "wrongOperatorKey">;
}

/**
 * Whoever comes with the operator's key comes by here, from whatever address of the server: one bound on guesses for
 * all of them. Each process counts its own.
 */
export class OperatorDoor {
  readonly #expected: Buffer | null;
  readonly #deps: Deps;
  readonly #guesses: BucketMap;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#expected = deps.operatorKey === null ? null : digest(deps.operatorKey);
    this.#guesses = new BucketMap(
      1 / GUESSES.everySeconds,
      GUESSES.burst,
      MAX_BUCKETS,
      () => void (deps.counters.rateBucketsEvicted += 1),
    );
  }

  /** Addresses that showed a wrong key lately, and how many there may be. */
  get size(): number {
    return this.#guesses.size;
  }

  readonly maxSize = MAX_BUCKETS;

  /** @param key  What was shown, however it came; takes as long for a near miss as for a far one. */
  check(key: string | null, address: string): OperatorVerdict {
    if (this.#expected === null) return "off";
    if (key === null || key === "") return "no-key";
    const { clock, counters, events } = this.#deps;
    const group = addressGroup(address);
    if (this.#guesses.waitMs(group, clock.monotonic()) > 0) {
      counters.operatorGuessesRefused += 1;
      return "too-many-guesses";
    }
    if (timingSafeEqual(digest(key), this.#expected)) return "operator";
    this.#guesses.take(group, clock.monotonic());
    events.wrongOperatorKey(address);
    return "wrong-key";
  }

  /** How long this address is not listened to, ms. */
  waitMs(address: string): number {
    return this.#guesses.waitMs(addressGroup(address), this.#deps.clock.monotonic());
  }
}
