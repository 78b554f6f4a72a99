import type { FrameEncoding, ReceivedFrame } from "./frame-encoding.ts";
import type { WebSocketConstructor, WebSocketLike } from "./web-socket.ts";

type Handler = (event: object) => void;

/** A binary form as a client takes it: it brings the sockets that speak it, so that no other page has code for it. */
export interface SocketEncoding extends FrameEncoding {
  /**
   * A class of sockets over one of texts: they speak the encoding with whoever takes it, and texts with who doesn't.
   * The data of their messages is frames that were read.
   */
  over(socketClass: WebSocketConstructor): WebSocketConstructor;
}

export function socketEncoding(encoding: FrameEncoding): SocketEncoding {
  return { ...encoding, over: (socketClass) => encodedSocket(socketClass, encoding) };
}

/**
 * A message that is not of the form that both sides speak is an empty text, which the codec refuses in words. It does
 * not say what the server chose, so that no opening goes with the request: an encoding's forms have no such name.
 */
function encodedSocket(socketClass: WebSocketConstructor, encoding: FrameEncoding): WebSocketConstructor {
  return class implements WebSocketLike {
    readonly #socket: WebSocketLike;
    onopen: Handler | null = null;
    onmessage: Handler | null = null;
    onclose: Handler | null = null;
    onerror: Handler | null = null;

    constructor(url: string, protocols: string[]) {
      const socket = new socketClass(url, [encoding.subprotocol, ...protocols]);
      this.#socket = socket;
      socket.binaryType = "arraybuffer";
      socket.onopen = (event) => this.onopen?.(event);
      socket.onmessage = ({ data }: MessageEvent<unknown>) => this.onmessage?.({ data: this.#read(data) });
      socket.onclose = (event) => this.onclose?.(event);
      socket.onerror = (event) => this.onerror?.(event);
    }

    get readyState(): number {
      return this.#socket.readyState;
    }

    get bufferedAmount(): number {
      return this.#socket.bufferedAmount ?? 0;
    }

    send(text: string): void {
      this.#socket.send(this.#isSpoken ? encoding.encode(text) : text);
    }

    close(code?: number, reason?: string): void {
      this.#socket.close(code, reason);
    }

    /** Whoever serves only JSON takes the other name that was offered. */
    get #isSpoken(): boolean {
      return this.#socket.protocol === encoding.subprotocol;
    }

    #read(data: unknown): ReceivedFrame {
      if (!this.#isSpoken) return typeof data === "string" ? data : "";
      const decoded = data instanceof ArrayBuffer ? encoding.decode(new Uint8Array(data)) : null;
      return decoded?.ok === true ? decoded.value : "";
    }
  };
}
