/** Sequences that are kept in mind: half a mebibyte of bits. What lies further ahead counts as not heard. */
const MAX_AHEAD = 4_194_304;
const LEAST_BYTES = 64;

/** Which of a stream's sequences were heard behind a mark, one bit each: a busy stream has thousands a second. */
export class HeardSequences {
  #mark = 0;
  #bits = new Uint8Array(0);

  /** Forgets what is not behind `mark`. */
  moveTo(mark: number): void {
    const kept = new HeardSequences();
    kept.#mark = mark;
    for (let i = Math.max(0, mark - this.#mark); i < this.#bits.length * 8; i++) {
      const seq = this.#mark + 1 + i;
      if (this.#has(seq)) kept.add(seq);
    }
    this.#mark = mark;
    this.#bits = kept.#bits;
  }

  add(seq: number): void {
    const i = seq - this.#mark - 1;
    if (i < 0 || i >= MAX_AHEAD) return;
    const byte = i >> 3;
    if (byte >= this.#bits.length) {
      const more = new Uint8Array(Math.max(LEAST_BYTES, (byte + 1) * 2));
      more.set(this.#bits);
      this.#bits = more;
    }
    this.#bits[byte] = (this.#bits[byte] ?? 0) | (1 << (i & 7));
  }

  /** Those up to `end` that were not heard; null where they are more than `most`. */
  missing(end: number, most: number): number[] | null {
    const missing: number[] = [];
    for (let seq = this.#mark + 1; seq <= end; seq++) {
      if (this.#has(seq)) continue;
      if (missing.length >= most) return null;
      missing.push(seq);
    }
    return missing;
  }

  #has(seq: number): boolean {
    const i = seq - this.#mark - 1;
    return ((this.#bits[i >> 3] ?? 0) & (1 << (i & 7))) !== 0;
  }
}
