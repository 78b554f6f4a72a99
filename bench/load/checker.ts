import { type BenchText, readBenchText } from "./bench-text.ts";

/** Faults told in words; more are only counted. */
const MAX_TOLD = 5;

/**
 * Checks what some members of a room were given: each message once, each publisher's own in its order,
 * and one order for all.
 *
 * The first member to get as far as a place fixes what stands there; the others must find the same.
 */
export class Checker {
  readonly #order: string[] = [];
  readonly #faults: string[] = [];
  #faultCount = 0;
  #messages = 0;

  /** A member, whose messages from its first one on go to what is returned. Join before anybody publishes. */
  member(name: string): (message: BenchText) => void {
    const newest = new Map<number, number>();
    let place = 0;
    return ({ publisher, count }) => {
      this.#messages += 1;
      const expected = (newest.get(publisher) ?? 0) + 1;
      if (count !== expected)
        this.fault(`${name}: ${count} of publisher ${publisher} where ${expected} is due`);
      newest.set(publisher, count);
      const id = `${publisher} ${count}`;
      if (place === this.#order.length) this.#order.push(id);
      else if (this.#order[place] !== id) this.fault(`${name}: another order at place ${place}`);
      place += 1;
    };
  }

  fault(text: string): void {
    this.#faultCount += 1;
    if (this.#faults.length < MAX_TOLD) this.#faults.push(text);
  }

  get report(): CheckReport {
    return { messages: this.#messages, faultCount: this.#faultCount, faults: this.#faults };
  }
}

export interface CheckReport {
  /** How many messages were checked, all members together. */
  readonly messages: number;
  readonly faultCount: number;
  /** The first few, in words. */
  readonly faults: readonly string[];
}

/** Reads a frame for a checked member; what is wrong with it is a fault like any other. */
export function readChecked(
  read: (frame: string) => readonly string[],
  frame: string,
  checker: Checker,
): BenchText[] {
  try {
    return read(frame)
      .map(readBenchText)
      .filter((text) => text !== null);
  } catch (error) {
    checker.fault(error instanceof Error ? error.message : String(error));
    return [];
  }
}
