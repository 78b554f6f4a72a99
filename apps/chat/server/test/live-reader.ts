import { type IncomingHttpHeaders, type IncomingMessage, request as httpRequest } from "node:http";
import { within } from "./parlor-process.ts";

export interface PageAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface PageRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Asks for a page that ends, on a connection of its own, with exactly the headers that are given. */
export async function askPage(url: string, asked: PageRequest = {}): Promise<PageAnswer> {
  const response = await begin(url, asked);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const { statusCode = 0, headers } = response;
  return { status: statusCode, headers, text: Buffer.concat(chunks).toString("utf8") };
}

/** Sends a form as a page of the same origin does, unless headers say otherwise. */
export function postForm(
  url: string,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = { origin: new URL(url).origin },
): Promise<PageAnswer> {
  const type = { "content-type": "application/x-www-form-urlencoded" };
  return askPage(url, {
    method: "POST",
    headers: { ...type, ...headers },
    body: new URLSearchParams(fields).toString(),
  });
}

/** Reads a page that does not end. */
export class LiveReader implements Disposable {
  readonly headers: IncomingHttpHeaders;
  /** All that came. */
  text = "";
  readonly #response: IncomingMessage;
  #wake: () => void = () => {};
  #hasEnded = false;

  private constructor(response: IncomingMessage) {
    this.headers = response.headers;
    this.#response = response;
    response.setEncoding("utf8");
    response.on("data", (chunk: string) => {
      this.text += chunk;
      this.#wake();
    });
    response.on("close", () => {
      this.#hasEnded = true;
      this.#wake();
    });
    // Cut, by the test or by the server's end: `close` tells.
    response.on("error", () => undefined);
  }

  static async open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<LiveReader> {
    const response = await begin(url, { headers });
    if (response.statusCode !== 200) throw new Error(`the page was answered ${response.statusCode}`);
    return new LiveReader(response);
  }

  /** Fulfils when the text holds what is sought. */
  async sees(sought: string | RegExp): Promise<void> {
    // A long page is not searched from its beginning at every piece that comes.
    let from = 0;
    const isThere = (): boolean => {
      if (typeof sought !== "string") return sought.test(this.text);
      const isFound = this.text.indexOf(sought, from) !== -1;
      from = Math.max(0, this.text.length - sought.length);
      return isFound;
    };
    await within(
      new Promise<void>((resolve, reject) => {
        this.#wake = () => {
          if (isThere()) resolve();
          else if (this.#hasEnded) reject(new Error(`the page ended without ${sought}`));
        };
        this.#wake();
      }),
      `the page did not show ${sought}`,
    );
  }

  /** Fulfils when the server has ended the page. */
  async ends(): Promise<void> {
    const over = new Promise<void>((resolve) => {
      this.#wake = () => {
        if (this.#hasEnded) resolve();
      };
      this.#wake();
    });
    await within(over, "the page did not end");
  }

  /** What the rows say, as HTML. */
  get said(): string[] {
    return [...this.text.matchAll(/<div class="said"><p dir="auto">([\s\S]*?)<\/p><\/div>/g)].map(
      (match) => match[1] ?? "",
    );
  }

  /** The links to what comes behind each row. */
  get links(): string[] {
    return [...this.text.matchAll(/<a class="when" href="([^"]*)"/g)].map((match) => match[1] ?? "");
  }

  /** What a hidden field, or the field of the name, holds. */
  field(name: string): string | null {
    return (
      new RegExp(`<input[^>]* name="${name}" value="([^"]*)"|<input name="${name}" value="([^"]*)"`)
        .exec(this.text)
        ?.slice(1)
        .find((value) => value !== undefined) ?? null
    );
  }

  /** Stops taking what is sent, until `resume`. */
  pause(): void {
    this.#response.pause();
  }

  resume(): void {
    this.#response.resume();
  }

  [Symbol.dispose](): void {
    this.#response.destroy();
  }
}

function begin(url: string, { method = "GET", headers = {}, body }: PageRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers, agent: false }, resolve);
    request.on("error", reject);
    request.end(body);
  });
}
