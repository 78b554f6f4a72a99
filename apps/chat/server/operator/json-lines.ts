import { once } from "node:events";
import type { ServerResponse } from "node:http";

/** Writes an answer of unknown length, one JSON text a line, as fast as it is read and no faster. */
export class JsonLines {
  readonly #response: ServerResponse;
  #gone: AbortController = new AbortController();

  constructor(response: ServerResponse, headers: Readonly<Record<string, string>> = {}) {
    this.#response = response;
    response.once("close", () => this.#gone.abort());
    response.writeHead(200, {
      "content-type": "application/x-ndjson; charset=utf-8",
      "cache-control": "no-store, no-transform",
      "x-content-type-options": "nosniff",
      "x-accel-buffering": "no",
      ...headers,
    });
  }

  /** Nobody reads any more. */
  get isGone(): boolean {
    return this.#gone.signal.aborted;
  }

  async write(text: string): Promise<void> {
    if (this.isGone || this.#response.write(`${text}\n`)) return;
    await once(this.#response, "drain", { signal: this.#gone.signal }).catch(() => undefined);
  }

  end(): void {
    this.#response.end();
  }
}
