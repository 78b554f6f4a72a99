import type { ReadPace } from "../room/read-pace.ts";
import { addressGroup } from "./address-group.ts";

/**
 * Whose page of history is read next. A page is up to 256 KiB and some milliseconds of work, so one is made
 * at a time, at the pace of all reads, and addresses take turns: whoever asks for many waits behind themselves,
 * not before others.
 *
 * What waits is bounded by those who ask: a connection has a bounded number of questions open.
 * Rule: docs/protocol.md [GROW-67].
 */
export class PageTurns {
  readonly #pace: ReadPace;
  #isRunning = false;
  /** By address, in the order of their turns. */
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(pace: ReadPace) {
    this.#pace = pace;
  }

  /** Makes a page, of so many bytes as `make` fulfils with, when it is this address's turn. */
  async take(address: string, make: () => Promise<number>): Promise<void> {
    await this.#turn(addressGroup(address));
    try {
      const pause = this.#pace.wait();
      if (pause !== null) await pause;
      this.#pace.spent(await make());
    } finally {
      this.#isRunning = false;
      this.#next();
    }
  }

  #turn(group: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = this.#waiting.get(group);
    if (before === undefined) this.#waiting.set(group, [resolve]);
    else before.push(resolve);
    this.#next();
    return promise;
  }

  #next(): void {
    if (this.#isRunning) return;
    const [first] = this.#waiting;
    if (first === undefined) return;
    const [group, turns] = first;
    const begin = turns.shift();
    // To the back of the line, where there is more to ask.
    this.#waiting.delete(group);
    if (turns.length > 0) this.#waiting.set(group, turns);
    this.#isRunning = true;
    begin?.();
  }
}
