import { MAX_BEFORE_SIGNALS, SOCKET_OPEN } from "../bounds.ts";
import {
  OPENED_SUBPROTOCOL,
  offeredWith,
  SUBPROTOCOL,
  type FrameEncoding,
  type ReceivedFrame,
} from "@parlor/protocol";
import type { Transport, TransportConnection, TransportListener } from "./transport.ts";

/** What is used of the platform's `WebSocket`; browsers, workers and Node 22 and later have it. */
export interface WebSocketLike {
  readonly readyState: number;
  /** Bytes that the network has not taken. @default unknown: nothing is dropped */
  readonly bufferedAmount?: number;
  /** The subprotocol that the server chose; an accessor of the class. @default the one that every server speaks */
  readonly protocol?: string;
  /** Set to "arraybuffer" where there is an encoding. */
  binaryType?: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}

export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

/**
 * The full protocol over one WebSocket: one frame a text message; or a binary one, where there is an encoding
 * and the server speaks it.
 *
 * The opening goes with the request for the socket, which saves a round trip; a server that did not take it there
 * is told again. Not with an encoding, whose forms have no such name, nor over a class of sockets that would not say
 * what the server chose.
 */
export class WebSocketTransport implements Transport {
  readonly kind = "websocket";
  readonly #url: string;
  readonly #socketClass: WebSocketConstructor;
  readonly #encoding: FrameEncoding | undefined;

  constructor(url: string, socketClass: WebSocketConstructor, encoding?: FrameEncoding) {
    this.#url = url;
    this.#socketClass = socketClass;
    this.#encoding = encoding;
  }

  open(listener: TransportListener): TransportConnection {
    let socket: WebSocketLike | null = null;
    let isOver = false;
    /** What both sides speak; undefined for JSON. */
    let spoken: FrameEncoding | undefined;
    const offered = this.#encoding;
    const mayOpenEarly =
      "protocol" in (this.#socketClass as unknown as { readonly prototype: object }).prototype;
    // Node's `error` event has a sentence that its `close` event lacks; a browser's says nothing.
    let words = "";
    const end = (code: number, reason: string): void => {
      if (!isOver) listener.onClose({ code, reason: reason || words });
      isOver = true;
    };
    const connection: TransportConnection = {
      send(text) {
        if (socket?.readyState !== SOCKET_OPEN) return;
        const isFull = (socket.bufferedAmount ?? 0) > MAX_BEFORE_SIGNALS;
        if (!isFull || !text.startsWith('{"type":"signal"')) socket.send(spoken?.encode(text) ?? text);
      },
      close() {
        isOver = true;
        socket?.close(1000);
      },
    };
    try {
      socket = new this.#socketClass(
        this.#url,
        offered !== undefined
          ? [offered.subprotocol, SUBPROTOCOL]
          : mayOpenEarly
            ? offeredWith(listener.opening())
            : [SUBPROTOCOL],
      );
      if (offered !== undefined) socket.binaryType = "arraybuffer";
      socket.onopen = () => {
        if (isOver) return;
        // Whoever serves only JSON takes the other one that was offered.
        if (offered !== undefined && socket?.protocol === offered.subprotocol) spoken = offered;
        if (socket?.protocol === OPENED_SUBPROTOCOL) listener.onEarly?.();
        else for (const text of listener.opening()) connection.send(text);
        listener.onOpen();
      };
      socket.onmessage = ({ data }: MessageEvent<unknown>) => isOver || listener.onText(read(data, spoken));
      socket.onerror = ({ message }: { readonly message?: string }) => {
        words = message ?? "";
      };
      socket.onclose = ({ code, reason }: CloseEvent) => end(code, reason);
    } catch (error) {
      // A blocked port, a rule against mixed content: a connection that ended at once.
      words = String(error);
      queueMicrotask(() => end(1006, ""));
    }
    return connection;
  }
}

/**
 * The frame of a message. One that is not of the form that both sides speak can only be a fault on the way, and an
 * empty text is the frame that the codec refuses in words.
 */
function read(data: unknown, spoken: FrameEncoding | undefined): ReceivedFrame {
  if (spoken === undefined) return typeof data === "string" ? data : "";
  const decoded = data instanceof ArrayBuffer ? spoken.decode(new Uint8Array(data)) : null;
  return decoded?.ok === true ? decoded.value : "";
}
