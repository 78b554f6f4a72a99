/** Where every run begins, so that all contestants hear the same talk. */
const SEED = 0x9e3779b9;

/**
 * When people speak who do not wait for one another: at random, so many a second in the mean. The gaps
 * between them are exponential, drawn from a fixed seed.
 */
export class Arrivals {
  #state = SEED;

  /** Milliseconds until the next one. */
  nextGapMs(perSecond: number): number {
    return (-Math.log(1 - this.#random()) / perSecond) * 1_000;
  }

  /** In [0, 1): a linear congruential generator, good enough for a talk. */
  #random(): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#state / 2 ** 32;
  }
}
