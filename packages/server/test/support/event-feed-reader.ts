import { within } from "./within.ts";

export interface FeedEvent {
  readonly id: string | null;
  readonly event: string | null;
  readonly data: string | null;
}

/** Reads an event stream as its bytes come, by the rules of the HTML standard and no more kindly. */
export class EventFeedReader {
  readonly response: Response;
  /** Everything that came. */
  text = "";
  readonly #abort: AbortController;
  #readUpTo = 0;
  #wake: () => void = () => {};
  #isEnded = false;

  private constructor(response: Response, abort: AbortController) {
    this.response = response;
    this.#abort = abort;
    void this.#read();
  }

  static async open(url: string, headers: Record<string, string> = {}): Promise<EventFeedReader> {
    const abort = new AbortController();
    const response = await fetch(url, {
      headers: { accept: "text/event-stream", ...headers },
      signal: abort.signal,
    });
    if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
    return new EventFeedReader(response, abort);
  }

  /** The next event; comments are passed over. */
  async next(): Promise<FeedEvent> {
    for (;;) {
      const end = this.text.indexOf("\n\n", this.#readUpTo);
      if (end === -1) {
        await this.more(this.text.length);
        continue;
      }
      const lines = this.text.slice(this.#readUpTo, end).split("\n");
      this.#readUpTo = end + 2;
      if (lines.every((line) => line.startsWith(":"))) continue;
      return { id: field(lines, "id"), event: field(lines, "event"), data: field(lines, "data") };
    }
  }

  /** Fulfils when more than `length` characters came. */
  async more(length: number): Promise<void> {
    const grown = new Promise<void>((resolve, reject) => {
      this.#wake = () => {
        if (this.text.length > length) resolve();
        else if (this.#isEnded) reject(new Error(`the stream ended after: ${this.text.slice(-200)}`));
      };
      this.#wake();
    });
    await within(grown, () => `more than: ${this.text.slice(-200)}`);
  }

  cut(): void {
    this.#abort.abort();
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of this.response.body ?? []) {
        this.text += decoder.decode(chunk as Uint8Array, { stream: true });
        this.#wake();
      }
    } catch {
      // Cut by the test, or by the server: an end either way.
    }
    this.#isEnded = true;
    this.#wake();
  }
}

function field(lines: readonly string[], name: string): string | null {
  const values = lines
    .filter((line) => line.startsWith(`${name}: `))
    .map((line) => line.slice(name.length + 2));
  return values.length === 0 ? null : values.join("\n");
}
