/**
 * So many jobs at a time, begun in the order in which they were given. Who shares the lanes leaves none of them
 * empty at its end: the next one's first jobs run beside its last.
 */
export class Lanes {
  readonly #count: number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(count: number) {
    this.#count = count;
  }

  /** Does `job` when it is its turn; gives what it gives. */
  async run<Result>(job: () => Promise<Result>): Promise<Result> {
    if (this.#taken < this.#count) this.#taken += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await job();
    } finally {
      // The lane goes to the next in line, or is free.
      const next = this.#waiting.shift();
      if (next === undefined) this.#taken -= 1;
      else next();
    }
  }
}
