/** Updates that came within so many ms of one another are counted together. */
const TOGETHER_MS = 100;

export interface StateFiguresOptions<Value> {
  /** What each value says of itself. */
  readonly madeOf: (value: Value) => Made;
  /** Share it between readers whose ages are to be compared. @default one's own */
  readonly clock?: MakersClock | undefined;
  /** Over so many ms figures are taken. @default 3,000 */
  readonly windowMs?: number | undefined;
}

/** What a value has to carry so that a reader can tell what it was not told. */
export interface Made {
  /** When it was made, ms of the maker's clock, whatever that says. */
  readonly atMs: number;
  /** How many changes its key has had, this one included: a whole number that counts up. */
  readonly changes: number;
}

/** How the maker's clock stands to this one, as the quickest value that came says. */
export interface MakersClock {
  /** This clock when it came, less the maker's when it was made, ms; Infinity before the first. */
  quickestMs: number;
}

export interface ConflationFigures {
  /** Values that came, a second. */
  readonly received: number;
  /** Of all changes that were made, those that a newer one replaced before they came: 0 to 1. */
  readonly conflated: number;
  /** How long ago the newest value of all was made, ms, less what the quickest one took; null before the first. */
  readonly ageMs: number | null;
}

/**
 * What one reader of a room's state was told, and was not: a slow one gets the newest value of each key alone, and
 * this counts what was left out.
 *
 *     const figures = new StateFigures<Price>({ madeOf: ({ atMs, changes }) => ({ atMs, changes }) });
 *     state.on("change", (changes) => figures.take(changes, Date.now()));
 *     setInterval(() => show(figures.figures(Date.now())), 500);
 *
 * It holds a number for each key that the room has. Rules: docs/guarantees.md, FIGURES-.
 */
export class StateFigures<Value> {
  readonly #madeOf: (value: Value) => Made;
  readonly #clock: MakersClock;
  readonly #windowMs: number;
  readonly #counts = new Map<string, number>();
  #updates: { readonly atMs: number; received: number; conflated: number }[] = [];
  #newestMs: number | null = null;

  constructor({ madeOf, clock = makersClock(), windowMs = 3_000 }: StateFiguresOptions<Value>) {
    this.#madeOf = madeOf;
    this.#clock = clock;
    this.#windowMs = windowMs;
  }

  /** Takes the changes of one update, which came at `nowMs`; undefined where a key was removed. */
  take(changes: ReadonlyMap<string, Value | undefined>, nowMs: number): void {
    let [received, conflated] = [0, 0];
    for (const [key, value] of changes) {
      const before = this.#counts.get(key);
      this.#counts.delete(key);
      if (value === undefined) continue;
      const { atMs, changes: count } = this.#madeOf(value);
      this.#counts.set(key, count);
      received += 1;
      // Each value has its number, so what lay between this one and the last was left out. A maker that began anew
      // counts from one again.
      if (before !== undefined && count > before) conflated += count - before - 1;
      this.#newestMs = Math.max(this.#newestMs ?? -Infinity, atMs);
    }
    if (this.#newestMs === null) return;
    this.#clock.quickestMs = Math.min(this.#clock.quickestMs, nowMs - this.#newestMs);
    this.#forget(nowMs);
    const last = this.#updates.at(-1);
    if (last === undefined || nowMs - last.atMs >= TOGETHER_MS) {
      this.#updates.push({ atMs: nowMs, received, conflated });
    } else {
      last.received += received;
      last.conflated += conflated;
    }
  }

  /** Of the last `windowMs`. */
  figures(nowMs: number): ConflationFigures {
    this.#forget(nowMs);
    const received = this.#updates.reduce((sum, update) => sum + update.received, 0);
    const conflated = this.#updates.reduce((sum, update) => sum + update.conflated, 0);
    return {
      received: received / (this.#windowMs / 1_000),
      conflated: conflated === 0 ? 0 : conflated / (received + conflated),
      ageMs: this.#newestMs === null ? null : nowMs - this.#newestMs - this.#clock.quickestMs,
    };
  }

  #forget(nowMs: number): void {
    const first = this.#updates.findIndex(({ atMs }) => atMs > nowMs - this.#windowMs);
    if (first !== 0) this.#updates.splice(0, first < 0 ? this.#updates.length : first);
  }
}

/** One for readers that are to be compared, before anything came. */
export function makersClock(): MakersClock {
  return { quickestMs: Infinity };
}
