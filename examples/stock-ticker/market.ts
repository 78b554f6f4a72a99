import { seededRandom } from "@parlor/base";

/** A price, and the change that made it. */
export interface Change {
  readonly symbol: string;
  /** In cents, at least 100. */
  readonly cents: number;
  /** Of this symbol so far, this one included; 0 is the price that it began with. */
  readonly changes: number;
}

/**
 * Prices that walk at random: the same seed gives the same walk. Each change moves one symbol by up to
 * half a percent, and at least a cent.
 */
export class Market {
  readonly symbols: readonly string[];
  readonly #cents: number[];
  readonly #changes: number[];
  readonly #random;

  constructor(seed: number, size = 500) {
    this.#random = seededRandom(seed);
    this.symbols = Array.from({ length: size }, (_, index) => symbolOf(index));
    this.#cents = this.symbols.map(() => 1_000 + this.#below(49_000));
    this.#changes = this.symbols.map(() => 0);
  }

  /** Every symbol as it is now. */
  all(): Change[] {
    return this.symbols.map((_, index) => this.#at(index));
  }

  /** Moves one price. */
  next(): Change {
    const index = this.#below(this.symbols.length);
    const before = this.#cents[index] ?? 100;
    const step = 1 + this.#below(Math.max(1, Math.floor(before / 200)));
    const cents = Math.max(100, this.#below(2) === 0 ? before - step : before + step);
    this.#cents[index] = cents;
    this.#changes[index] = (this.#changes[index] ?? 0) + 1;
    return this.#at(index);
  }

  #at(index: number): Change {
    const symbol = this.symbols[index] ?? "";
    return { symbol, cents: this.#cents[index] ?? 0, changes: this.#changes[index] ?? 0 };
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}

/** AAA, AAB, …: three letters for each of 17,576. */
function symbolOf(index: number): string {
  const letters = [676, 26, 1].map((place) => 65 + (Math.floor(index / place) % 26));
  return String.fromCharCode(...letters);
}
