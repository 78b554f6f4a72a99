/**
 * Cuts bytes that come in any pieces into lines of text.
 *
 * A line ends with LF, CR or CRLF, the last also where its two bytes lie in different pieces; so do the
 * bytes of one character. What stands behind the last line break is no line yet, and never becomes one
 * if nothing follows: half a frame is no frame.
 *
 * Must not: search again what it searched, or keep more than one line's text; both would let a peer that
 * sends single bytes cost more than it sends.
 */
export class LineReader {
  readonly #maxLineChars: () => number;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  #rest = "";
  #hasEndedInCr = false;

  /** @param maxLineChars Longest line, in UTF-16 units; asked anew at every piece. */
  constructor(maxLineChars: () => number) {
    this.#maxLineChars = maxLineChars;
  }

  /**
   * The lines that end in this piece, one after the other.
   *
   * @throws {TypeError} the bytes are not UTF-8. {RangeError} a line is longer than allowed. Either way
   *   the reader is of no use any more.
   */
  *take(bytes: Uint8Array): Generator<string, void, undefined> {
    let text = this.#decoder.decode(bytes, { stream: true });
    if (text === "") return;
    if (this.#hasEndedInCr && text.startsWith("\n")) text = text.slice(1);
    this.#hasEndedInCr = text.endsWith("\r");
    const pieces = text.split(/\r\n|\r|\n/);
    const last = pieces.pop() ?? "";
    for (const piece of pieces) {
      const line = this.#rest + piece;
      this.#rest = "";
      yield this.#checked(line);
    }
    this.#rest = this.#checked(this.#rest + last);
  }

  #checked(line: string): string {
    if (line.length <= this.#maxLineChars()) return line;
    throw new RangeError("A line of the answer is longer than any frame.");
  }
}
