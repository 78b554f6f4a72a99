import { isIdentityKey } from "@parlor/protocol";
import { socketOrigin } from "./room-address.ts";
import { makeClass, type Plan, type ResumingOptions } from "./socket-class.ts";

/** The third argument, of which the platform's class knows nothing. */
export interface ParlorSocketOptions extends ResumingOptions {
  /**
   * Origins of Parlor servers, such as `location.origin`: sockets to their rooms come back and go on. Everywhere
   * else, and where a subprotocol is asked for, the socket is the platform's own.
   *
   * @default none
   */
  readonly resume?: readonly string[] | undefined;
}

/** Beside a WebSocket's own, where a socket resumes. */
export interface ResumingEvents {
  /** The connection was lost, or a try to come back failed; the next one begins in `retryInMs`. `reason` is a sentence. */
  readonly interrupted: CustomEvent<{
    readonly attempt: number;
    readonly retryInMs: number;
    readonly reason: string;
  }>;
  /** It is back, over this transport; what was missed follows. */
  readonly resumed: CustomEvent<{ readonly transport: string }>;
}

export interface ParlorSocket extends WebSocket {
  addEventListener<Name extends keyof ResumingEvents>(
    type: Name,
    listener: (this: ParlorSocket, event: ResumingEvents[Name]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener<Name extends keyof WebSocketEventMap>(
    type: Name,
    listener: (this: WebSocket, event: WebSocketEventMap[Name]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

export interface ParlorSocketClass {
  /**
   * As the platform's `WebSocket`, with the same errors. Where `resume` names the origin of `url`, `url` is a room
   * there, `…/rooms/NAME`, and no subprotocol is asked for, it comes back by itself after its first `open`:
   *
   *  - it stays `OPEN` meanwhile, and is told `interrupted` and `resumed`;
   *  - what is sent is kept and sent again until the server has it on its disk, once; `bufferedAmount` counts it
   *    until then. At most 8 MiB and 100,000 messages wait; more are refused in words, as a message with `error`;
   *  - what others said meanwhile follows, each once, as `{"messages":["…"]}`;
   *  - where WebSockets don't get through, an event stream or polls carry it.
   *
   * A first try that fails is final, and so is being turned away: `error` and `close`, or `close` with the server's
   * code from 4500. `close()` waits up to 10 s for what was sent before it.
   *
   * @throws {TypeError} `resume` names what is no origin, or `key` is no key.
   */
  new (url: string | URL, protocols?: string | string[], options?: ParlorSocketOptions): ParlorSocket;
  readonly prototype: ParlorSocket;
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;
  /**
   * A class that takes the place of the global one, `globalThis.WebSocket = ParlorSocket.resuming([location.origin])`:
   * its name and shape are those, and its sockets resume on these origins.
   *
   * @throws {TypeError} what is no origin is named, or `key` is no key.
   */
  resuming(origins: readonly string[], options?: ResumingOptions): typeof WebSocket;
}

/** What resumes on these origins. */
function planFor(origins: readonly string[], options: ResumingOptions): Plan {
  if (options.key !== undefined && !isIdentityKey(options.key))
    throw new TypeError("`key` is a string of 22 to 64 characters.");
  return { origins: origins.map(socketOrigin), options };
}

/** The browser's own `WebSocket`, only that it does not die; see `ParlorSocketClass`. */
export const ParlorSocket = makeClass("ParlorSocket", globalThis.WebSocket ?? EventTarget, (third) => {
  const { resume, ...options } = (third ?? {}) as ParlorSocketOptions;
  return resume === undefined ? null : planFor(resume, options);
}) as unknown as ParlorSocketClass;

Object.defineProperty(ParlorSocket, "resuming", {
  value: (origins: readonly string[], options: ResumingOptions = {}): typeof WebSocket => {
    const plan = planFor(origins, options);
    return makeClass("WebSocket", EventTarget, () => plan);
  },
});
