import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "@parlor/base";
import type { TransportFarEnd } from "@parlor/testkit";
import type { Transport } from "../src/transports/transport.ts";
import { overHttp } from "./over-http.ts";
import { WELCOME } from "./set-up.ts";

/**
 * The far end of the transports that are made of requests. What it says leaves in pieces of any size, cut
 * between two bytes of a character too.
 */
export class HttpFarEnd implements TransportFarEnd {
  readonly welcome = JSON.stringify(WELCOME);
  readonly openings: string[][] = [];
  readonly received: string[] = [];
  openCount = 0;
  onChange: () => void = () => undefined;
  readonly #kind: "stream" | "poll";
  readonly #server: Server;
  /** A number from 0 to n - 1. */
  readonly #draw: (n: number) => number;
  #unsaid: string[] = [];
  /** The stream, or the poll that waits. */
  #down: ServerResponse | null = null;
  #isWriting = false;
  #isEnding = false;

  private constructor(kind: "stream" | "poll", draw: (n: number) => number) {
    this.#kind = kind;
    this.#draw = draw;
    this.#server = createServer((request, response) => void this.#take(request, response));
  }

  static async listen(kind: "stream" | "poll", draw: (n: number) => number): Promise<HttpFarEnd> {
    const far = new HttpFarEnd(kind, draw);
    far.#server.listen(0, "127.0.0.1");
    await once(far.#server, "listening");
    return far;
  }

  transport(clock: Clock): Transport {
    const base = `http://127.0.0.1:${(this.#server.address() as AddressInfo | null)?.port ?? 1}/`;
    return overHttp(this.#kind, base, clock);
  }

  say(...texts: readonly string[]): void {
    this.#unsaid.push(...texts);
    this.#flush();
  }

  end(): void {
    this.#isEnding = true;
    this.#flush();
  }

  vanish(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async dispose(): Promise<void> {
    if (!this.#server.listening) return;
    this.vanish();
    await once(this.#server, "close");
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.openCount += 1;
    response.on("close", () => {
      this.openCount -= 1;
      if (this.#down === response) this.#down = null;
      this.onChange();
    });
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      // The client gave the request up before it was read.
      return;
    }
    const frames = Buffer.concat(chunks).toString().split("\n").slice(0, -1);
    if (request.url === "/connect/send") this.#takeSent(frames, response);
    else {
      this.openings.push(frames);
      this.#down = response;
      if (this.#kind === "stream") {
        response.writeHead(200, { "content-type": "text/event-stream" });
        this.#unsaid.unshift(JSON.stringify(WELCOME));
        this.#flush();
      } else if (request.url?.endsWith("wait=0") === true && !this.#isEnding) this.#answerPoll(response);
      else this.#flush();
    }
    this.onChange();
  }

  #takeSent(frames: readonly string[], response: ServerResponse): void {
    this.received.push(...frames.slice(1));
    const answers = frames.slice(1).flatMap((text) => {
      const { type, room, seq } = JSON.parse(text) as Record<string, unknown>;
      return type === "publish" ? [JSON.stringify({ type: "ack", room, seq, offset: seq })] : [];
    });
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    response.end([JSON.stringify(WELCOME), ...answers].map((text) => `${text}\n`).join(""));
  }

  #flush(): void {
    const down = this.#down;
    if (down === null || this.#isWriting) return;
    if (this.#unsaid.length > 0) return this.#kind === "poll" ? this.#answerPoll(down) : this.#stream(down);
    if (!this.#isEnding) return;
    if (this.#kind === "poll") down.writeHead(503, { "content-type": "application/json" });
    down.end(this.#kind === "poll" ? '{"error":{"code":"draining","message":"Come back."}}' : "");
  }

  #stream(response: ServerResponse): void {
    this.#isWriting = true;
    this.#write(response, this.#encode(this.#unsaid.splice(0)), () => {
      this.#isWriting = false;
      this.#flush();
    });
  }

  #answerPoll(response: ServerResponse): void {
    this.#down = null;
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    const texts = [JSON.stringify(WELCOME), ...this.#unsaid.splice(0)];
    this.#write(response, this.#encode(texts), () => response.end());
  }

  #encode(texts: readonly string[]): Buffer {
    const end = ["\n", "\r\n"][this.#draw(2)] ?? "\n";
    if (this.#kind === "poll") return Buffer.from(texts.map((text) => text + end).join(""));
    const comment = this.#draw(2) === 0 ? `: still here${end}` : "";
    return Buffer.from(texts.map((text) => `${comment}data: ${text}${end}${end}`).join(""));
  }

  #write(response: ServerResponse, bytes: Buffer, then: () => void): void {
    if (bytes.length === 0) return then();
    const count = 1 + this.#draw(Math.min(bytes.length, 1_000));
    response.write(bytes.subarray(0, count));
    setImmediate(() => this.#write(response, bytes.subarray(count), then));
  }
}
