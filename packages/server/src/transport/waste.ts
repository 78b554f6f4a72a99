import type { Clock } from "@parlor/base";
import type { Counters } from "../room/counters.ts";

/** What all refused peers together may have thrown away in a second, and at once. */
const BYTES_PER_SECOND = 4_194_304;

/**
 * What refused peers go on to send is read and thrown away, so that their answer is not lost with the connection. Each
 * piece is an object outside of the heap, and sixty mebibytes of them have the heap collected whole, for which
 * everybody waits: so there is a bound on it. Rule: docs/protocol.md [GROW-79].
 */
export class Waste {
  readonly #clock: Clock;
  /** Of the servers that are there: nobody says when one is not. */
  readonly #counters = new Set<WeakRef<Counters>>();
  #left = BYTES_PER_SECOND;
  #atMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#atMs = clock.monotonic();
  }

  /** Counts a piece that was thrown away; false where nothing more may be for now. */
  take(bytes: number): boolean {
    const nowMs = this.#clock.monotonic();
    const come = ((nowMs - this.#atMs) / 1_000) * BYTES_PER_SECOND;
    this.#left = Math.min(BYTES_PER_SECOND, this.#left + come) - bytes;
    this.#atMs = nowMs;
    if (this.#left > 0) return true;
    for (const each of this.#counters) {
      const counters = each.deref();
      if (counters === undefined) this.#counters.delete(each);
      else counters.readingPaused.waste += 1;
    }
    return false;
  }

  /** From now on these count each peer that is read no more. */
  countIn(counters: Counters): void {
    this.#counters.add(new WeakRef(counters));
  }
}

const wastes = new WeakMap<Clock, Waste>();

/** That of all servers which go by one clock: of a process. */
export function wasteOf(clock: Clock): Waste {
  let waste = wastes.get(clock);
  if (waste === undefined) wastes.set(clock, (waste = new Waste(clock)));
  return waste;
}
