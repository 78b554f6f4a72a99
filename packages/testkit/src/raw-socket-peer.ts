import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import {
  decodeRawFrame,
  encodeRawFrame,
  OPCODES,
  type RawFrame,
  type RawFrameOptions,
} from "./raw-frames.ts";

/** The head of an HTTP answer. */
export interface RawResponse {
  readonly status: number;
  readonly statusText: string;
  /** Names in lower case; of a name that comes twice, both values joined by ", ". */
  readonly headers: ReadonlyMap<string, string>;
}

export interface RawSocketPeerOptions {
  readonly port: number;
  /** @default "127.0.0.1" */
  readonly host?: string;
  /** Address to connect from, such as 127.0.0.9, where tests need several. */
  readonly localAddress?: string;
}

export interface RawHandshake {
  /** @default "/connect" */
  readonly path?: string;
  /** @default "parlor.v1" for `/connect`, none elsewhere. Null leaves the header out. */
  readonly subprotocol?: string | null;
  /** Added to those of a right handshake, or in place of them; null leaves one out. Names are as sent. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | null>>;
}

const DEFAULT_WAIT_MS = 10_000;

/**
 * A WebSocket client on a bare TCP socket, for what no proper client can be made to do: bad handshakes,
 * bad frames, bytes cut anywhere, and a reader that stops reading. One read may wait at a time.
 */
export class RawSocketPeer {
  readonly socket: Socket;
  /** What came and was not read, but for what `#behind` has: put together only once this is not enough. */
  #received: Buffer = Buffer.alloc(0);
  #behind: Buffer[] = [];
  #isClosed = false;
  /** Woken whenever bytes come or the socket closes. */
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      this.#behind.push(chunk);
      this.#wake();
    });
    // A reset is an end like another one; whoever waits learns of it by `close`.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  /** A TCP connection, with nothing sent yet. */
  static async connect(options: RawSocketPeerOptions): Promise<RawSocketPeer> {
    const { port, host = "127.0.0.1", localAddress } = options;
    const socket = connect({ port, host, ...(localAddress === undefined ? {} : { localAddress }) });
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return new RawSocketPeer(socket);
  }

  /** A connection after a handshake that the server took; rejects with its answer where it did not. */
  static async open(options: RawSocketPeerOptions & RawHandshake): Promise<RawSocketPeer> {
    const peer = await RawSocketPeer.connect(options);
    const response = await peer.handshake(options);
    if (response.status === 101) return peer;
    peer.destroy();
    throw new Error(`the handshake was answered ${response.status} ${response.statusText}`);
  }

  /** True once the socket is closed, however it came to that. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Bytes that were received and not taken by a read. */
  get receivedBytes(): number {
    return this.#behind.reduce((sum, { length }) => sum + length, this.#received.length);
  }

  /** Sends a handshake, right but for what the options change, and resolves with the answer's head. */
  async handshake(options: RawHandshake = {}): Promise<RawResponse> {
    const { path = "/connect" } = options;
    const subprotocol =
      options.subprotocol === undefined
        ? path.startsWith("/connect")
          ? "parlor.v1"
          : null
        : options.subprotocol;
    const headers: Record<string, string | readonly string[] | null> = {
      Host: `${this.socket.remoteAddress}:${this.socket.remotePort}`,
      Upgrade: "websocket",
      Connection: "Upgrade",
      "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Protocol": subprotocol,
      ...options.headers,
    };
    const lines = Object.entries(headers).flatMap(([name, value]) =>
      value === null ? [] : [value].flat().map((each) => `${name}: ${each}`),
    );
    this.write(`GET ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
    return await this.readResponse();
  }

  /** Sends bytes as they are; a text as Latin-1, so that any byte can be written. */
  write(bytes: string | Uint8Array): void {
    this.socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  }

  sendFrame(options: RawFrameOptions): void {
    this.write(encodeRawFrame(options));
  }

  /** Sends a value as JSON, or a text as it is, in one text frame. */
  send(value: unknown): void {
    this.sendFrame({ payload: typeof value === "string" ? value : JSON.stringify(value) });
  }

  /** Reads up to the end of an HTTP answer's head. */
  async readResponse(waitMs = DEFAULT_WAIT_MS): Promise<RawResponse> {
    return await this.#take(waitMs, "an HTTP answer", (bytes) => {
      const end = bytes.indexOf("\r\n\r\n");
      if (end === -1) return null;
      const [statusLine = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
      const [, status = "0", ...words] = statusLine.split(" ");
      const headers = new Map<string, string>();
      for (const line of lines) {
        const colon = line.indexOf(":");
        const name = line.slice(0, colon).toLowerCase();
        const before = headers.get(name);
        headers.set(name, `${before === undefined ? "" : `${before}, `}${line.slice(colon + 1).trim()}`);
      }
      return { value: { status: Number(status), statusText: words.join(" "), headers }, size: end + 4 };
    });
  }

  /** Reads exactly so many bytes, such as the body that an answer's head announced. */
  async readBytes(count: number, waitMs = DEFAULT_WAIT_MS): Promise<Buffer> {
    return await this.#take(waitMs, `${count} bytes`, (bytes) =>
      bytes.length < count ? null : { value: Buffer.from(bytes.subarray(0, count)), size: count },
    );
  }

  /** The next WebSocket frame, whatever it is. */
  async readFrame(waitMs = DEFAULT_WAIT_MS): Promise<RawFrame> {
    return await this.#take(waitMs, "a frame", (bytes) => {
      const decoded = decodeRawFrame(bytes);
      return decoded === null ? null : { value: decoded.frame, size: decoded.size };
    });
  }

  /** The next text frame, as parsed JSON; pings and pongs before it are passed over. */
  async readJson(waitMs = DEFAULT_WAIT_MS): Promise<unknown> {
    for (;;) {
      const { opcode, payload } = await this.readFrame(waitMs);
      if (opcode === OPCODES.text) return JSON.parse(payload.toString());
      if (opcode === OPCODES.close) throw new Error(`closed with ${describeClose(payload)}`);
    }
  }

  /** Reads frames of JSON until one has these members, and gives that one. */
  async readJsonWith(members: Readonly<Record<string, unknown>>, waitMs = DEFAULT_WAIT_MS): Promise<unknown> {
    for (;;) {
      const value = await this.readJson(waitMs);
      const record = value as Record<string, unknown>;
      if (Object.entries(members).every(([name, expected]) => record[name] === expected)) return value;
    }
  }

  /** Reads until the server's close frame, and gives its code; 1005 where it has none, 1006 without a frame. */
  async readClose(waitMs = DEFAULT_WAIT_MS): Promise<{ readonly code: number; readonly reason: string }> {
    for (;;) {
      let frame: RawFrame;
      try {
        frame = await this.readFrame(waitMs);
      } catch (error) {
        if (this.#isClosed) return { code: 1006, reason: "" };
        throw error;
      }
      if (frame.opcode !== OPCODES.close) continue;
      const { payload } = frame;
      return payload.length < 2
        ? { code: 1005, reason: "" }
        : { code: payload.readUInt16BE(0), reason: payload.toString("utf8", 2) };
    }
  }

  /** Stops reading, so that the system's buffers fill, and then those of the server. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Resolves when the socket is closed. */
  async closed(waitMs = DEFAULT_WAIT_MS): Promise<void> {
    await this.#waitFor(waitMs, "the end of the connection", () => this.#isClosed);
  }

  /** Ends its own side, and reads on. */
  endWriting(): void {
    this.socket.end();
  }

  /** Ends the connection without a word. */
  destroy(): void {
    this.socket.destroy();
  }

  /** Ends the connection by a reset, as a peer that crashed does. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  async #take<Value>(
    waitMs: number,
    what: string,
    take: (bytes: Buffer) => { readonly value: Value; readonly size: number } | null,
  ): Promise<Value> {
    let taken = take(this.#received);
    const takeMore = (): boolean => {
      if (this.#behind.length > 0) {
        this.#received = Buffer.concat([this.#received, ...this.#behind]);
        this.#behind = [];
        taken = take(this.#received);
      }
      return taken !== null || this.#isClosed;
    };
    if (taken === null) await this.#waitFor(waitMs, what, takeMore);
    if (taken === null) throw new Error(`the connection ended before ${what} came`);
    this.#received = this.#received.subarray(taken.size);
    return taken.value;
  }

  async #waitFor(waitMs: number, what: string, isThere: () => boolean): Promise<void> {
    if (isThere()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#wake = () => undefined;
        reject(new Error(`${what} did not come within ${waitMs} ms`));
      }, waitMs);
      this.#wake = () => {
        if (!isThere()) return;
        clearTimeout(timer);
        this.#wake = () => undefined;
        resolve();
      };
    });
  }
}

function describeClose(payload: Buffer): string {
  return payload.length < 2 ? "no code" : `${payload.readUInt16BE(0)} ${payload.toString("utf8", 2)}`;
}
