import { SUBPROTOCOL } from "@parlor/protocol";
import type { Transport, TransportConnection, TransportListener } from "./transport.ts";

/** What is used of the platform's `WebSocket`; browsers, workers and Node 22 and later have it. */
export interface WebSocketLike {
  readonly readyState: number;
  /** Bytes that the network has not taken. @default unknown: nothing is dropped */
  readonly bufferedAmount?: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

const OPEN = 1;

/** Bytes that wait, above which a signal is dropped: it would be stale when it is taken. */
const MAX_BEFORE_SIGNALS = 65_536;

/** The full protocol over one WebSocket, one frame a text message. */
export class WebSocketTransport implements Transport {
  readonly kind = "websocket";
  readonly #url: string;
  readonly #socketClass: WebSocketConstructor;

  constructor(url: string, socketClass: WebSocketConstructor) {
    this.#url = url;
    this.#socketClass = socketClass;
  }

  open(listener: TransportListener): TransportConnection {
    let socket: WebSocketLike | null = null;
    let isOver = false;
    // Node's `error` event has a sentence that its `close` event lacks; a browser's says nothing.
    let words = "";
    const end = (code: number, reason: string): void => {
      if (!isOver) listener.onClose({ code, reason: reason || words });
      isOver = true;
    };
    const connection: TransportConnection = {
      send(text) {
        if (socket?.readyState !== OPEN) return;
        const isFull = (socket.bufferedAmount ?? 0) > MAX_BEFORE_SIGNALS;
        if (!isFull || !text.startsWith('{"type":"signal"')) socket.send(text);
      },
      close() {
        isOver = true;
        socket?.close(1000);
      },
    };
    try {
      socket = new this.#socketClass(this.#url, [SUBPROTOCOL]);
      socket.onopen = () => {
        if (isOver) return;
        for (const text of listener.opening()) connection.send(text);
        listener.onOpen();
      };
      // Every frame of this subprotocol is text. Something else can only be a fault on the way, and an
      // empty text is the frame that the codec refuses in words.
      socket.onmessage = ({ data }: MessageEvent<unknown>) =>
        isOver || listener.onText(typeof data === "string" ? data : "");
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
