import { Pair } from "./pair.ts";

/** As many as together may go on for ever: an address may publish 100 times a second, a pair 20 times. */
const PAIRS = 4;

/** Well-behaved pairs beside a flood: several, so that each second has times enough to say what a p99 is. */
export class Pairs implements Disposable {
  readonly #pairs: readonly Pair[];

  constructor(url: string) {
    this.#pairs = Array.from({ length: PAIRS }, (_, i) => new Pair(url, `pair ${i + 1}`));
  }

  /** All are there, and code that runs is compiled where each says enough for it. */
  async warmUp(messages: number): Promise<void> {
    await Promise.all(this.#pairs.map((pair) => pair.warmUp(messages)));
  }

  /** All talk for so long; fulfils with every time from saying to hearing, in ms. */
  async talk(seconds: number): Promise<readonly number[]> {
    return (await Promise.all(this.#pairs.map((pair) => pair.talk(seconds)))).flat();
  }

  /** Everything that was not as it should be, so far. */
  get faults(): readonly string[] {
    return [...new Set(this.#pairs.flatMap((pair) => pair.faults))];
  }

  [Symbol.dispose](): void {
    for (const pair of this.#pairs) pair[Symbol.dispose]();
  }
}

/** The smallest time that at least `q` of all are not above. */
export function quantile(times: readonly number[], q: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? Number.NaN;
}
