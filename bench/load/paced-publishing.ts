import { monitorEventLoopDelay } from "node:perf_hooks";
import { Arrivals } from "./arrivals.ts";
import { writeBenchText } from "./bench-text.ts";
import { Latencies } from "./latencies.ts";

/** How late a publish may be, or a turn of the generator's loop, at the 99th percentile, ms. */
const MAX_LATE_MS = 25;

/** How often it is looked whether something is due, ms. */
const LOOK_EVERY_MS = 1;

/** How well the generator kept up. A run with a generator that did not says nothing about the server. */
export interface Pace {
  readonly lateP99Ms: number;
  readonly loopDelayP99Ms: number;
  readonly isStarved: boolean;
}

/**
 * Publishes at a rate, in turn by several publishers, at moments of which none knows of the other. Each
 * message says when it was due, not when it was sent, so that a generator that lags shows as latency and
 * never hides it.
 */
export class PacedPublishing {
  readonly #publish: (publisher: number, count: number, text: string) => void;
  readonly #publishers: number;
  readonly #bytes: number;
  readonly #counts: number[];
  readonly #arrivals = new Arrivals();
  #total = 0;

  constructor(
    publishers: number,
    bytes: number,
    publish: (publisher: number, count: number, text: string) => void,
  ) {
    this.#publishers = publishers;
    this.#bytes = bytes;
    this.#publish = publish;
    this.#counts = new Array<number>(publishers).fill(0);
  }

  /** Messages published since the start, whatever the rate. */
  get total(): number {
    return this.#total;
  }

  /** Publishes `perSecond` for `durationMs`; fulfils when the last one is out. */
  run(perSecond: number, durationMs: number): Promise<Pace> {
    const late = new Latencies();
    const loop = monitorEventLoopDelay({ resolution: 2 });
    loop.enable();
    const endMs = performance.now() + durationMs;
    const { promise, resolve } = Promise.withResolvers<Pace>();
    let dueMs = performance.now();
    const look = (): void => {
      const now = performance.now();
      for (; dueMs <= now && dueMs < endMs; dueMs += this.#arrivals.nextGapMs(perSecond)) {
        late.add(now - dueMs);
        this.#publishOne(dueMs);
      }
      if (now < endMs) {
        setTimeout(look, LOOK_EVERY_MS);
        return;
      }
      loop.disable();
      const lateP99Ms = late.summary().p99;
      const loopDelayP99Ms = loop.percentile(99) / 1e6;
      const isStarved = lateP99Ms > MAX_LATE_MS || loopDelayP99Ms > MAX_LATE_MS;
      resolve({ lateP99Ms, loopDelayP99Ms, isStarved });
    };
    look();
    return promise;
  }

  #publishOne(dueMs: number): void {
    const publisher = this.#total % this.#publishers;
    this.#total += 1;
    const count = ((this.#counts[publisher] as number) += 1);
    this.#publish(publisher, count, writeBenchText({ publisher, count, dueMs }, this.#bytes));
  }
}
