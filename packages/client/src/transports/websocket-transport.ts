import { SUBPROTOCOL } from "@parlor/protocol";
import type { Transport, TransportConnection, TransportListener } from "./transport.ts";

/** What is used of the platform's `WebSocket`; browsers, workers and Node 22 and later have it. */
export interface WebSocketLike {
  readonly readyState: number;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: string, listener: (event: Event) => void): void;
  removeEventListener(type: string, listener: (event: Event) => void): void;
}

export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

const OPEN = 1;

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
    let socket: WebSocketLike;
    try {
      socket = new this.#socketClass(this.#url, [SUBPROTOCOL]);
    } catch (error) {
      return failLater(listener, error instanceof Error ? error.message : String(error));
    }
    return follow(socket, listener);
  }
}

/** A constructor that throws (a blocked port, a mixed-content rule) is a connection that ended at once. */
function failLater(listener: TransportListener, reason: string): TransportConnection {
  let isOver = false;
  queueMicrotask(() => {
    if (isOver) return;
    isOver = true;
    listener.onClose({ code: 1006, reason });
  });
  return {
    send: () => undefined,
    close: () => {
      isOver = true;
    },
  };
}

function follow(socket: WebSocketLike, listener: TransportListener): TransportConnection {
  // Node's `error` event has a sentence that its `close` event lacks; a browser's says nothing.
  let errorWords = "";

  const onOpen = (): void => listener.onOpen();
  const onError = (event: Event): void => {
    if ("message" in event && typeof event.message === "string") errorWords = event.message;
  };
  const onMessage = (event: Event): void => {
    // Every frame of this subprotocol is text. Something else can only be a fault on the way, and an
    // empty text is the frame that the codec refuses in words.
    const { data } = event as MessageEvent<unknown>;
    listener.onText(typeof data === "string" ? data : "");
  };
  const onClose = (event: Event): void => {
    detach();
    const { code, reason } = event as CloseEvent;
    listener.onClose({ code, reason: reason || errorWords });
  };
  const detach = (): void => {
    socket.removeEventListener("open", onOpen);
    socket.removeEventListener("message", onMessage);
    socket.removeEventListener("close", onClose);
    // `error` stays: an aborted handshake reports one later, which nobody should see as uncaught.
  };
  socket.addEventListener("open", onOpen);
  socket.addEventListener("message", onMessage);
  socket.addEventListener("error", onError);
  socket.addEventListener("close", onClose);

  return {
    send(text) {
      if (socket.readyState === OPEN) socket.send(text);
    },
    close() {
      detach();
      socket.close(1000);
    },
  };
}
