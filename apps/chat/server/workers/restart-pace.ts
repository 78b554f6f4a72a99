import { fullJitterMs, type Random } from "@parlor/base";

/** A life that lasted so long was no quick death, in ms. */
const LONG_LIFE_MS = 10_000;

const BACKOFF = { baseMs: 500, maxMs: 10_000 };

/** How soon a process that died is started again: at once, and later each time that it dies again quickly. */
export class RestartPace {
  #quickDeaths = 0;

  /** @returns the wait before the next start, in ms. */
  died(livedMs: number, random: Random): number {
    if (livedMs >= LONG_LIFE_MS) this.#quickDeaths = 0;
    const waitMs = this.#quickDeaths === 0 ? 0 : fullJitterMs(this.#quickDeaths - 1, BACKOFF, random);
    this.#quickDeaths += 1;
    return Math.round(waitMs);
  }
}
