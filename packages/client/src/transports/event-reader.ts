/**
 * Puts the lines of a `text/event-stream` together to events, of which only the data counts here: each
 * is one frame. Comments, and fields that nobody asked for, are passed over.
 */
export class EventReader {
  readonly #maxChars: () => number;
  #data = "";
  #hasData = false;

  /** @param maxChars Longest data of one event, in UTF-16 units. */
  constructor(maxChars: () => number) {
    this.#maxChars = maxChars;
  }

  /**
   * The data of the event that this line ends; null where it ends none.
   *
   * @throws {RangeError} the data is longer than allowed.
   */
  take(line: string): string | null {
    if (line === "") {
      const data = this.#hasData ? this.#data : null;
      this.#hasData = false;
      this.#data = "";
      return data;
    }
    const field = /^data(?:: ?|$)/.exec(line)?.[0];
    if (field === undefined) return null;
    const value = line.slice(field.length);
    this.#data = this.#hasData ? `${this.#data}\n${value}` : value;
    this.#hasData = true;
    if (this.#data.length > this.#maxChars()) throw new RangeError("An event is longer than any frame.");
    return null;
  }
}
