/** A text that grows string by string, and beside it the numbers that say how to take it apart again. */
export class ColumnWriter {
  text = "";
  readonly #numbers: number[] = [];

  number(value: number): this {
    this.#numbers.push(value);
    return this;
  }

  string(value: string): this {
    this.text += value;
    return this.number(value.length);
  }

  get numbers(): Float64Array<ArrayBuffer> {
    return Float64Array.from(this.#numbers);
  }
}

/** Takes apart what a `ColumnWriter` put together, in the same order. */
export class ColumnReader {
  readonly #text: string;
  readonly #numbers: Float64Array;
  #textAt = 0;
  #numberAt = 0;

  constructor({ text, numbers }: { readonly text: string; readonly numbers: Float64Array }) {
    this.#text = text;
    this.#numbers = numbers;
  }

  get isAtEnd(): boolean {
    return this.#numberAt >= this.#numbers.length;
  }

  number(): number {
    const value = this.#numbers[this.#numberAt];
    if (value === undefined) throw new Error("a frame of the log's link ended too early");
    this.#numberAt += 1;
    return value;
  }

  string(): string {
    const from = this.#textAt;
    this.#textAt += this.number();
    return this.#text.slice(from, this.#textAt);
  }
}
