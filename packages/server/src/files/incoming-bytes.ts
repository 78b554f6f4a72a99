/**
 * What comes in a request, to be taken in pieces of a size that the taker chooses. A cut ends it: what came before
 * counts, since whoever sent it goes on from there.
 */
export class IncomingBytes {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array | null = null;
  #hasEnded = false;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Whether there is nothing more; waits for what comes next. */
  async hasEnded(): Promise<boolean> {
    while (!this.#hasEnded && (this.#rest === null || this.#rest.length === 0)) await this.#pull();
    return this.#hasEnded && this.#rest === null;
  }

  /** The next bytes, up to `maxBytes` of them; fewer only where it ends. What is not read stays for the next. */
  async *take(maxBytes: number): AsyncIterable<Uint8Array> {
    for (let left = maxBytes; left > 0; ) {
      if (await this.hasEnded()) return;
      const rest = this.#rest as Uint8Array;
      const piece = rest.subarray(0, left);
      this.#rest = piece.length < rest.length ? rest.subarray(piece.length) : null;
      left -= piece.length;
      yield piece;
    }
  }

  async #pull(): Promise<void> {
    try {
      const next = await this.#chunks.next();
      if (next.done === true) this.#end();
      else this.#rest = next.value;
    } catch {
      // Intentionally no fault: the peer, or the road to it, is gone.
      this.#end();
    }
  }

  #end(): void {
    this.#rest = null;
    this.#hasEnded = true;
  }
}
