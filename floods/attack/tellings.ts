/** What a flood was told, as it travels from the process that floods. */
export interface Told {
  readonly sent: Readonly<Record<string, number>>;
  /** Refusals by code, with the sentence of the first one. */
  readonly refused: Readonly<Record<string, { readonly count: number; readonly words: string }>>;
  /** Refusals and ends that said nothing. */
  readonly wordless: Readonly<Record<string, number>>;
  /** Connections that the server ended while they did not read, or went on talking: they could not be told. */
  readonly cutUnread: number;
}

/** Counts what was sent and what the server said to it. */
export class Tellings {
  readonly #sent = new Map<string, number>();
  readonly #refused = new Map<string, { count: number; readonly words: string }>();
  readonly #wordless = new Map<string, number>();
  #cutUnread = 0;

  sent(what: string, count = 1): void {
    this.#sent.set(what, (this.#sent.get(what) ?? 0) + count);
  }

  /** A refusal: its code, and the sentence that came with it. */
  told(code: string, words: string): void {
    if (words.trim() === "") return this.wordless(`${code} without a sentence`);
    const before = this.#refused.get(code);
    if (before === undefined) this.#refused.set(code, { count: 1, words });
    else before.count += 1;
  }

  wordless(what: string): void {
    this.#wordless.set(what, (this.#wordless.get(what) ?? 0) + 1);
  }

  cutUnread(): void {
    this.#cutUnread += 1;
  }

  all(): Told {
    return {
      sent: Object.fromEntries(this.#sent),
      refused: Object.fromEntries(this.#refused),
      wordless: Object.fromEntries(this.#wordless),
      cutUnread: this.#cutUnread,
    };
  }
}
