type Tell = (sentence: string, fields?: Readonly<Record<string, unknown>>) => void;

/** For the `logger` of a server with `events`: how many connections it has, at each moment, by what it writes of them itself. */
export class CountedConnections {
  now = 0;
  /** Since it was set back, if it was. */
  most = 0;
  total = 0;
  /** A poll and a send are one request each: of them only the end is told. */
  readonly #open = new Set<unknown>();

  get logger(): { readonly info: Tell; readonly warn: Tell; readonly error: Tell } {
    return {
      info: (_sentence, fields) => {
        const connection = fields?.["connection"];
        if (fields?.["event"] === "open") {
          this.#open.add(connection);
          this.now += 1;
          this.total += 1;
          this.most = Math.max(this.most, this.now);
        } else if (fields?.["event"] === "close" && this.#open.delete(connection)) this.now -= 1;
      },
      warn() {},
      error() {},
    };
  }
}
