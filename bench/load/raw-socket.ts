import { connect, type Socket } from "node:net";
import { clientTextFrame } from "./client-frame.ts";
import { type FrameSink, FrameScanner } from "./frame-scanner.ts";

export interface RawSocketOptions {
  readonly port: number;
  readonly path: string;
  readonly subprotocol: string | null;
  /** The address to come from; a port is taken from it. @default whatever the system takes */
  readonly localAddress?: string | undefined;
}

/** Bytes that one read takes. */
const READ_BYTES = 262_144;

// One for all sockets of the process: each read is scanned to its end before the next one begins.
const READ_BUFFER = Buffer.allocUnsafe(READ_BYTES);

/** The key of every handshake here; the answer to it is not what is measured. */
const HANDSHAKE_KEY = "cGFybG9yIGJlbmNobWFyaw==";

/**
 * The client's side of a WebSocket over `node:net`, with as little in it as will do: a thousand of them
 * must cost less than the server that is measured.
 */
export class RawSocket {
  readonly #socket: Socket;
  readonly #scanner: FrameScanner;
  readonly #onOpen: (error: Error | null) => void;
  #head: string | null = "";
  #isClosed = false;

  private constructor(options: RawSocketOptions, sink: FrameSink, onOpen: (error: Error | null) => void) {
    this.#scanner = new FrameScanner(sink);
    this.#onOpen = onOpen;
    const { port, localAddress } = options;
    this.#socket = connect({
      port,
      host: "127.0.0.1",
      noDelay: true,
      ...(localAddress === undefined ? {} : { localAddress }),
      onread: {
        buffer: READ_BUFFER,
        callback: (length) => {
          this.#take(READ_BUFFER.subarray(0, length));
          return true;
        },
      },
    });
    this.#socket.on("error", (error) => this.#fail(error));
    this.#socket.on("close", () => this.#fail(new Error("the server closed the connection")));
    const protocol = options.subprotocol === null ? "" : `Sec-WebSocket-Protocol: ${options.subprotocol}\r\n`;
    this.#socket.write(
      `GET ${options.path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\n` +
        `Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${HANDSHAKE_KEY}\r\n${protocol}\r\n`,
    );
  }

  /** Fulfils when the server has taken the handshake; rejects with what it answered instead. */
  static async open(options: RawSocketOptions, sink: FrameSink): Promise<RawSocket> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const socket = new RawSocket(options, sink, (error) => (error === null ? resolve() : reject(error)));
    await promise;
    return socket;
  }

  /** True from the moment the connection ended, whoever ended it. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  send(text: string): void {
    this.sendBytes(clientTextFrame(text));
  }

  /** Whole frames, made before. */
  sendBytes(frames: Buffer): void {
    this.#socket.write(frames);
  }

  close(): void {
    this.#isClosed = true;
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    if (this.#head === null) {
      this.#scanner.scan(bytes);
      return;
    }
    this.#head += bytes.toString("latin1");
    const end = this.#head.indexOf("\r\n\r\n");
    if (end === -1) return;
    const status = this.#head.slice(0, this.#head.indexOf("\r\n"));
    if (!status.startsWith("HTTP/1.1 101")) {
      this.#fail(new Error(`the handshake was answered ${status}`));
      this.#socket.destroy();
      return;
    }
    const rest = Buffer.from(this.#head.slice(end + 4), "latin1");
    this.#head = null;
    this.#onOpen(null);
    if (rest.length > 0) this.#scanner.scan(rest);
  }

  #fail(error: Error): void {
    this.#isClosed = true;
    this.#onOpen(error);
  }
}
