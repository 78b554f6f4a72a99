/**
 * Counts bytes that wait and says when to stop and when to go on.
 *
 * Two marks, so that a value near one of them does not flap: it closes above `highBytes` and opens
 * again at or below `lowBytes`.
 */
export class ByteGate {
  readonly #highBytes: number;
  readonly #lowBytes: number;
  #waitingBytes = 0;
  #isOpen = true;

  constructor(highBytes: number, lowBytes: number) {
    if (!(lowBytes <= highBytes)) throw new RangeError("lowBytes must not exceed highBytes");
    this.#highBytes = highBytes;
    this.#lowBytes = lowBytes;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Adds bytes that now wait; returns whether the gate is still open. */
  add(bytes: number): boolean {
    this.#waitingBytes += bytes;
    if (this.#waitingBytes > this.#highBytes) this.#isOpen = false;
    return this.#isOpen;
  }

  /** Takes away bytes that wait no more; returns true when this opened a closed gate. */
  remove(bytes: number): boolean {
    this.#waitingBytes = Math.max(0, this.#waitingBytes - bytes);
    if (this.#isOpen || this.#waitingBytes > this.#lowBytes) return false;
    this.#isOpen = true;
    return true;
  }
}
