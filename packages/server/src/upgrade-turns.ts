import { addressGroup } from "./session/address-group.ts";

/** Upgrades that are answered in one turn of the event loop: each is a tenth of a millisecond. */
const A_TURN = 4;

/**
 * Whose upgrade is answered next. A listener hands over all who stand before it at once; a hundred of them in
 * one turn of the event loop would hold up everybody who is in already. A few are taken at once, the others in
 * the turns that follow, addresses by turns.
 *
 * What waits is bounded by the listener's sockets. Rule: docs/protocol.md [GROW-71].
 */
export class UpgradeTurns {
  #taken = 0;
  #isCounting = false;
  /** By address, in the order of their turns. */
  readonly #waiting = new Map<string, (() => void)[]>();
  readonly #onWait: () => void;

  /** `onWait` is called for each upgrade that has to wait. */
  constructor(onWait: () => void) {
    this.#onWait = onWait;
  }

  /** Upgrades that wait. */
  get waiting(): number {
    let count = 0;
    for (const { length } of this.#waiting.values()) count += length;
    return count;
  }

  /** Calls `answer` when it is this address's turn: now, where few came before in this turn of the loop. */
  take(address: string, answer: () => void): void {
    if (this.#taken < A_TURN && this.#waiting.size === 0) return this.#run(answer);
    this.#onWait();
    const group = addressGroup(address);
    const before = this.#waiting.get(group);
    if (before === undefined) this.#waiting.set(group, [answer]);
    else before.push(answer);
  }

  #run(answer: () => void): void {
    this.#taken += 1;
    if (!this.#isCounting) {
      this.#isCounting = true;
      setImmediate(this.#nextTurn);
    }
    answer();
  }

  readonly #nextTurn = (): void => {
    this.#isCounting = false;
    this.#taken = 0;
    while (this.#taken < A_TURN) {
      const [first] = this.#waiting;
      if (first === undefined) return;
      const [group, answers] = first;
      const answer = answers.shift();
      // To the back of the line, where there is more to answer.
      this.#waiting.delete(group);
      if (answers.length > 0) this.#waiting.set(group, answers);
      if (answer !== undefined) this.#run(answer);
    }
  };
}
