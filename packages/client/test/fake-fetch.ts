import type { Fetch } from "../src/transports/exchange.ts";

interface Settle {
  resolve(response: Response): void;
  reject(error: Error): void;
}

/** One request as the far end sees it; a test plays the server by hand. */
export class FakeRequest {
  readonly url: string;
  readonly init: RequestInit;
  readonly #settle: Settle;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;

  constructor(url: string, init: RequestInit, settle: Settle) {
    this.url = url;
    this.init = init;
    this.#settle = settle;
    init.signal?.addEventListener("abort", () => this.fail(new DOMException("aborted", "AbortError")));
  }

  get isAborted(): boolean {
    return this.init.signal?.aborted === true;
  }

  /** The frames of the body. */
  get frames(): Record<string, unknown>[] {
    const lines = (this.init.body as string).split("\n");
    return lines.slice(0, -1).map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  get types(): unknown[] {
    return this.frames.map(({ type }) => type);
  }

  /** Answers the head; the body comes with `write`, and ends with `end`. */
  head(type: string, status = 200, headers: Record<string, string> = {}): this {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
    });
    this.#settle.resolve(new Response(body, { status, headers: { "content-type": type, ...headers } }));
    return this;
  }

  write(text: string | Uint8Array): this {
    this.#controller?.enqueue(typeof text === "string" ? new TextEncoder().encode(text) : text);
    return this;
  }

  end(): this {
    this.#controller?.close();
    this.#controller = null;
    return this;
  }

  /** No answer, or one that breaks off. */
  fail(error: Error = new TypeError("network down")): this {
    this.#settle.reject(error);
    this.#controller?.error(error);
    this.#controller = null;
    return this;
  }

  /** An answer of lines, whole. */
  lines(...frames: readonly object[]): this {
    this.head("application/x-ndjson");
    return this.write(frames.map((frame) => `${JSON.stringify(frame)}\n`).join("")).end();
  }

  /** Events of a stream that has its head. */
  events(...frames: readonly object[]): this {
    return this.write(frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`).join(""));
  }
}

/** A `fetch` whose far end is the test. */
export class FakeFetch {
  readonly requests: FakeRequest[] = [];

  readonly fetch: Fetch = (url, init) =>
    new Promise((resolve, reject) => {
      this.requests.push(new FakeRequest(url, init, { resolve, reject }));
    });

  /** The newest request to an address that contains this. */
  to(path: string): FakeRequest {
    const request = this.requests.findLast(({ url }) => url.includes(path));
    if (request === undefined) throw new Error(`nothing was asked of ${path}`);
    return request;
  }

  count(path: string): number {
    return this.requests.filter(({ url }) => url.includes(path)).length;
  }
}

/** One turn of the event loop: every promise that could settle by itself has done so. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
