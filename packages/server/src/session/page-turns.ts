import { addressGroup } from "./address-group.ts";

/** Pages that are read and written at once, for everybody: one while the log looks for the next. */
const AT_ONCE = 2;

/**
 * Whose page of history is read next. A page is up to 256 KiB and some milliseconds of work, so few are made
 * at once, and addresses take turns: whoever asks for many waits behind themselves, not before others.
 *
 * What waits is bounded by those who ask: a connection has a bounded number of questions open.
 * Rule: docs/protocol.md [GROW-67].
 */
export class PageTurns {
  #running = 0;
  /** By address, in the order of their turns. */
  readonly #waiting = new Map<string, (() => void)[]>();

  /** Makes a page when it is this address's turn. */
  async take<Page>(address: string, make: () => Promise<Page>): Promise<Page> {
    await this.#turn(addressGroup(address));
    try {
      return await make();
    } finally {
      this.#running -= 1;
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
    if (this.#running >= AT_ONCE) return;
    const [first] = this.#waiting;
    if (first === undefined) return;
    const [group, turns] = first;
    const begin = turns.shift();
    // To the back of the line, where there is more to ask.
    this.#waiting.delete(group);
    if (turns.length > 0) this.#waiting.set(group, turns);
    this.#running += 1;
    begin?.();
  }
}
