import type { Signal } from "./signal.ts";

/** Signals that wait for a room's next frames, in UTF-16 units of their bodies and about what is around each. */
export const MAX_GATHERED_CHARACTERS = 262_144;

const AROUND_EACH = 64;

/**
 * What a room's subscribers are told next: all that came since, or of each identity the newest few; the
 * oldest go where it is too much. It holds a bounded amount, and knows neither time nor subscribers.
 */
export class SignalGathering {
  readonly #newestPerIdentity: number;
  readonly #maxCharacters: number;
  /** In the order in which they came. */
  readonly #all = new Set<Signal>();
  readonly #byIdentity = new Map<string, Signal[]>();
  #characters = 0;

  /** @param newestPerIdentity  `Infinity` keeps all of each. */
  constructor(newestPerIdentity: number, maxCharacters = MAX_GATHERED_CHARACTERS) {
    this.#newestPerIdentity = newestPerIdentity;
    this.#maxCharacters = maxCharacters;
  }

  get isEmpty(): boolean {
    return this.#all.size === 0;
  }

  /** Adds one; answers how many older ones went for it. One that is too large by itself is kept alone. */
  add(signal: Signal): number {
    const before = this.#all.size;
    this.#all.add(signal);
    this.#characters += signalSize(signal);
    const own = this.#byIdentity.get(signal.from);
    if (own === undefined) this.#byIdentity.set(signal.from, [signal]);
    else if (own.push(signal) > this.#newestPerIdentity) this.#drop(own[0] as Signal);
    for (const oldest of this.#all) {
      if (this.#characters <= this.#maxCharacters || oldest === signal) break;
      this.#drop(oldest);
    }
    return before + 1 - this.#all.size;
  }

  /** All that is gathered, in the order in which it came; then nothing is. */
  takeAll(): readonly Signal[] {
    const signals = [...this.#all];
    this.#all.clear();
    this.#byIdentity.clear();
    this.#characters = 0;
    return signals;
  }

  /** The oldest of an identity: each list is in the order of all. */
  #drop(signal: Signal): void {
    this.#all.delete(signal);
    this.#characters -= signalSize(signal);
    const own = this.#byIdentity.get(signal.from);
    own?.shift();
    if (own?.length === 0) this.#byIdentity.delete(signal.from);
  }
}

/** Of its body and about what is around it, in UTF-16 units. */
export function signalSize({ from, bodyJson }: Signal): number {
  return from.length + bodyJson.length + AROUND_EACH;
}
