import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import type { Tellings } from "./tellings.ts";

export interface FloodSocketOptions {
  readonly port: number;
  /** The address to come from, of 127.0.0.0/8. */
  readonly from: string;
  readonly tellings: Tellings;
  /** False for a peer that takes nothing: what ends it can't be told to it. @default true */
  readonly reads?: boolean;
  /** Whether it answers the server's pings, as whoever means to stay does. @default true */
  readonly answersPings?: boolean;
}

/** Frames above this are bodies of messages, which say nothing about refusals. */
const MAX_LOOKED_AT_BYTES = 4_096;

/** What one looks for in an answer that has no length of its own: frames that say no. */
const REFUSALS = /"code":"([a-z-]+)"(?:,"message":"([^"]*)")?/g;

/**
 * One connection of somebody who means no good, on a bare socket. Whatever the server says no with is noted,
 * and so is an end that came without a word.
 */
export class FloodSocket {
  readonly socket: Socket;
  readonly #tellings: Tellings;
  readonly #reads: boolean;
  readonly #answersPings: boolean;
  readonly #opened = Promise.withResolvers<boolean>();
  #rest: Buffer = Buffer.alloc(0);
  #speaks: "http" | "websocket" | "anything" = "http";
  /** The last thing that the server said was why it ends. */
  #hasFarewell = false;
  #isLeft = false;
  /** HTTP answers so far. */
  answers = 0;

  constructor({ port, from, tellings, reads = true, answersPings = true }: FloodSocketOptions) {
    this.#answersPings = answersPings;
    this.#tellings = tellings;
    this.#reads = reads;
    this.socket = connect({ port, host: "127.0.0.1", localAddress: from, noDelay: true });
    if (reads) this.socket.on("data", (bytes: Buffer) => this.#take(bytes));
    // Whatever the reason, `close` follows. Who goes on talking while it is turned away does not hear why.
    let hears = reads;
    this.socket.on("error", ({ syscall }: NodeJS.ErrnoException) => {
      if (syscall === "write" || this.socket.writableLength > 0) hears = false;
    });
    this.socket.on("close", () => {
      this.#opened.resolve(false);
      if (this.#isLeft || (reads && this.#hasFarewell)) return;
      if (hears) tellings.wordless("ended without a word");
      else tellings.cutUnread();
    });
  }

  /** Whether the WebSocket was opened. */
  get opened(): Promise<boolean> {
    return this.#opened.promise;
  }

  get isClosed(): boolean {
    return this.socket.destroyed;
  }

  write(bytes: string | Uint8Array): void {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  upgrade(): void {
    this.write(
      `GET /connect HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n` +
        "Sec-WebSocket-Protocol: parlor.v1\r\n\r\n",
    );
    // Who reads nothing can't wait for the answer, and need not.
    if (!this.#reads) this.#opened.resolve(true);
  }

  /** A request with a JSON body, or the beginning of one where the announced length is more than is sent. */
  post(path: string, body: string, options: PostOptions = {}): void {
    const { announced = Buffer.byteLength(body), headers = "" } = options;
    this.write(
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${announced}\r\n${headers}\r\n${body}`,
    );
  }

  /** Ends the connection; that it ends is then no news. */
  leave(): void {
    this.#isLeft = true;
    this.socket.destroy();
  }

  #take(bytes: Buffer): void {
    if (this.#speaks === "anything") return this.#lookFor(bytes);
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let taken = -1;
    while (taken !== 0 && this.#rest.length > 0) {
      taken = this.#speaks === "http" ? this.#takeAnswer() : this.#takeFrame();
      this.#rest = this.#rest.subarray(taken);
    }
  }

  /** How many bytes one whole HTTP answer has; 0 where it is not all there. */
  #takeAnswer(): number {
    const end = this.#rest.indexOf("\r\n\r\n");
    if (end === -1) return 0;
    const head = this.#rest.toString("latin1", 0, end);
    const status = Number(head.slice(9, 12));
    if (status === 101) {
      this.#speaks = "websocket";
      this.#opened.resolve(true);
      return end + 4;
    }
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    if (length === undefined) {
      this.answers += 1;
      this.#speaks = "anything";
      this.#lookFor(this.#rest.subarray(end + 4));
      return this.#rest.length;
    }
    const size = end + 4 + Number(length);
    if (this.#rest.length < size) return 0;
    this.answers += 1;
    if (status >= 400) this.#noteHttp(status, this.#rest.toString("utf8", end + 4, size));
    if (/\r\nconnection: close/i.test(head)) this.#hasFarewell = true;
    return size;
  }

  #noteHttp(status: number, body: string): void {
    try {
      const { error } = JSON.parse(body) as { readonly error: { code: string; message: string } };
      this.#tellings.told(`${status} ${error.code}`, error.message);
    } catch {
      this.#tellings.wordless(`${status} without an error in words`);
    }
  }

  /** How many bytes one whole frame has; 0 where it is not all there. */
  #takeFrame(): number {
    const bytes = this.#rest;
    if (bytes.length < 2) return 0;
    const short = (bytes[1] as number) & 127;
    const header = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (bytes.length < header) return 0;
    const length =
      short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
    if (bytes.length < header + length) return 0;
    const payload = bytes.subarray(header, header + length);
    const opcode = (bytes[0] as number) & 15;
    if (opcode === 8) this.#noteClose(payload);
    else if (opcode === 1 && length <= MAX_LOOKED_AT_BYTES) this.#noteFrame(payload.toString("utf8"));
    return header + length;
  }

  #noteFrame(text: string): void {
    if (text === '{"type":"ping"}' && this.#answersPings) return this.write(PONG);
    if (!/^\{"type":"(error|refused|unsubscribed|bye|reply)"/.test(text)) return;
    const frame = JSON.parse(text) as Refusal & { readonly error?: Refusal };
    // A request that is refused says so within its reply.
    const { code, message } = frame.error ?? frame;
    if (code !== undefined) this.#tellings.told(code, message ?? "");
  }

  #noteClose(payload: Buffer): void {
    this.#hasFarewell = true;
    const code = payload.length < 2 ? 1_005 : payload.readUInt16BE(0);
    this.#tellings.told(`close ${code}`, payload.toString("utf8", 2));
    this.socket.end();
  }

  #lookFor(bytes: Buffer): void {
    const text = bytes.toString("latin1");
    for (const [, code = "", words = ""] of text.matchAll(REFUSALS)) this.#tellings.told(code, words);
    // The end of an answer in chunks, after which nothing more was promised.
    if (text.endsWith("0\r\n\r\n")) this.#hasFarewell = true;
  }
}

interface Refusal {
  readonly code?: string;
  readonly message?: string;
}

export interface PostOptions {
  /** The length in the head. @default that of the body */
  readonly announced?: number;
  /** More lines of the head, each with its end. */
  readonly headers?: string;
}

/** A text in a frame of a client. The mask is all zeros, which leaves the text as it is. */
export function clientFrame(text: string, first = 0x81, declared?: number): Buffer {
  const payload = Buffer.from(text);
  const length = declared ?? payload.length;
  const header = Buffer.alloc((length < 126 ? 2 : length < 65_536 ? 4 : 10) + 4);
  header[0] = first;
  if (length < 126) header[1] = 0x80 | length;
  else if (length < 65_536) {
    header[1] = 0x80 | 126;
    header.writeUInt16BE(length, 2);
  } else {
    header[1] = 0x80 | 127;
    header.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([header, payload]);
}

const PONG = clientFrame('{"type":"pong"}');
