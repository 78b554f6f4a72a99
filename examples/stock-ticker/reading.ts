import type { Price } from "./price.ts";

/** Over so many ms figures are taken. */
const FIGURES_MS = 3_000;

/** How the server's clock stands to this one, as the quickest price that came says; all readers of a page share it. */
export interface ServerClock {
  /** This clock when it came, less the server's when it was made, ms. */
  quickestMs: number;
}

export interface Figures {
  /** Values that came, a second. */
  readonly received: number;
  /** Of all changes that were made, those that a newer one replaced before they came: 0 to 1. */
  readonly conflated: number;
  /** How long ago the newest price of all was made, ms, less what the quickest one took; null before the first. */
  readonly ageMs: number | null;
}

/** What one reader of the prices was told, and was not. */
export class Reading {
  readonly #clock: ServerClock;
  readonly #counts = new Map<string, number>();
  #updates: { readonly atMs: number; readonly received: number; readonly conflated: number }[] = [];
  #newestMs = 0;

  constructor(clock: ServerClock) {
    this.#clock = clock;
  }

  /** Takes the changes of one update, which came at `nowMs`, ms since 1970 as this page has it. */
  take(changes: ReadonlyMap<string, Price | undefined>, nowMs: number): void {
    let [received, conflated] = [0, 0];
    for (const [symbol, price] of changes) {
      if (price === undefined) continue;
      const [, atMs, count] = price;
      const before = this.#counts.get(symbol);
      this.#counts.set(symbol, count);
      received += 1;
      // Each price has its number, so what lay between this one and the last was left out. A market that began
      // anew counts from one again.
      if (before !== undefined && count > before) conflated += count - before - 1;
      this.#newestMs = Math.max(this.#newestMs, atMs);
    }
    this.#clock.quickestMs = Math.min(this.#clock.quickestMs, nowMs - this.#newestMs);
    this.#updates.push({ atMs: nowMs, received, conflated });
    this.#forget(nowMs);
  }

  figures(nowMs: number): Figures {
    this.#forget(nowMs);
    const received = this.#updates.reduce((sum, update) => sum + update.received, 0);
    const conflated = this.#updates.reduce((sum, update) => sum + update.conflated, 0);
    return {
      received: received / (FIGURES_MS / 1_000),
      conflated: conflated === 0 ? 0 : conflated / (received + conflated),
      ageMs: this.#newestMs === 0 ? null : nowMs - this.#newestMs - this.#clock.quickestMs,
    };
  }

  #forget(nowMs: number): void {
    const first = this.#updates.findIndex(({ atMs }) => atMs > nowMs - FIGURES_MS);
    if (first !== 0) this.#updates.splice(0, first < 0 ? this.#updates.length : first);
  }
}
