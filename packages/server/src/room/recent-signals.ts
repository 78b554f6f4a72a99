import type { Clock } from "@parlor/base";
import type { Signal } from "./signal.ts";
import { signalSize } from "./signal-gathering.ts";

/** How long what was said is kept for who asks again, ms. */
export const RECENT_MS = 2_000;

/** Of one room, in UTF-16 units of bodies and about what is around each; the oldest go. */
export const MAX_RECENT_CHARACTERS = 32_768;

/**
 * The last of what a room's subscribers were told, once for all who ask in polls: each names the last that it had, and
 * is told what was said between its polls. It knows nobody of them.
 */
export class RecentSignals {
  readonly #clock: Clock;
  /** What went out at a time, the oldest first. */
  readonly #told: Told[] = [];
  #characters = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(number: number, signals: readonly Signal[]): void {
    const characters = signals.reduce((sum, signal) => sum + signalSize(signal), 0);
    this.#told.push({ number, atMs: this.#clock.monotonic(), characters, signals });
    this.#characters += characters;
    this.#forgetOld();
  }

  /** What went out behind that number and is still here. */
  behind(number: number): readonly Signal[] {
    this.#forgetOld();
    return this.#told.flatMap((told) => (told.number > number ? told.signals : []));
  }

  #forgetOld(): void {
    const sinceMs = this.#clock.monotonic() - RECENT_MS;
    for (let [told] = this.#told; told !== undefined; [told] = this.#told) {
      if (told.atMs >= sinceMs && this.#characters <= MAX_RECENT_CHARACTERS) return;
      this.#characters -= told.characters;
      this.#told.shift();
    }
  }
}

interface Told {
  readonly number: number;
  readonly atMs: number;
  readonly characters: number;
  readonly signals: readonly Signal[];
}
