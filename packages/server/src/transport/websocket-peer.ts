import type { Socket } from "node:net";
import type { RawData, WebSocket } from "ws";
import type { Counters, TransportName, WebSocketFault } from "../room/counters.ts";
import type { Living } from "../session/heartbeat.ts";
import type { LifeObservation } from "../session/life.ts";
import type { Session } from "../session/session.ts";
import type { PlainSession } from "./plain-session.ts";
import { deferFrames } from "./deferred-frames.ts";
import type { FrameShare, FrameTurns } from "./frame-turns.ts";
import type { WebSocketConnection } from "./websocket-connection.ts";
import { decodeBinaryFrame } from "./websocket-form.ts";

/**
 * A WebSocket with the session that it serves: hands on what the socket tells, in both directions.
 *
 * Ten thousand of these are alive at once, so it adds no closures of its own: one set of listeners serves
 * all, and finds its peer on the object that emits.
 */
export class WebSocketPeer implements Living {
  readonly kind: Extract<TransportName, "websocket" | "plain">;
  readonly connection: WebSocketConnection;
  readonly session: Session | PlainSession;
  readonly #counters: Counters;
  readonly #turns: FrameTurns;
  readonly #onGone: (peer: WebSocketPeer) => void;
  readonly #share: FrameShare = { turn: -1, taken: 0 };
  #isDeferred = false;
  /** What the newest ping said that is not answered yet. */
  #pinged: Buffer | null = null;
  #isAnsweringPing = false;
  #fault: string | undefined;

  constructor(
    kind: Extract<TransportName, "websocket" | "plain">,
    connection: WebSocketConnection,
    session: Session | PlainSession,
    counters: Counters,
    turns: FrameTurns,
    onGone: (peer: WebSocketPeer) => void,
  ) {
    this.kind = kind;
    this.connection = connection;
    this.session = session;
    this.#counters = counters;
    this.#turns = turns;
    this.#onGone = onGone;
  }

  /** Begins to hand on what `webSocket` and its socket tell. */
  attach(webSocket: WebSocket): void {
    const socket = this.connection.socket;
    (webSocket as WithPeer)[PEER] = this;
    (socket as Socket & WithPeer)[PEER] = this;
    webSocket.on("message", onMessage);
    webSocket.on("ping", onPing);
    webSocket.on("pong", onControl);
    webSocket.on("close", onClose);
    webSocket.on("error", onError);
    socket.on("drain", onDrain);
  }

  get hasSaidHello(): boolean {
    return this.session.hasSaidHello;
  }

  get expiresAt(): number | null {
    return this.session.expiresAt;
  }

  observe(): LifeObservation {
    return this.connection.observe();
  }

  /** The full protocol has a frame of its own for it, which a page can see; a plain page's browser answers alone. */
  ping(): void {
    if (this.kind === "websocket") this.connection.send(PING_FRAME);
    else this.connection.ping();
  }

  giveUp(reason: "heartbeat" | "slow" | "hello"): void {
    if (reason === "heartbeat") this.#counters.heartbeatCloses += 1;
    if (reason === "slow") this.#counters.slowCloses += 1;
    this.connection.close(reason, GIVE_UP_WORDS[reason]);
    // Who is not there does not answer the close: what it held ends now, and not with its socket.
    this.session.closed();
  }

  expire(): void {
    this.session.expire();
  }

  /** The server is stopping: says when to come back, then closes. */
  sayBye(retryAfterMs: number): void {
    if (this.kind === "websocket") {
      this.connection.send(JSON.stringify({ type: "bye", code: "draining", retryAfterMs }));
    }
    this.connection.close("drain", "the server is stopping; come back");
  }

  take(data: RawData, isBinary: boolean): void {
    this.#counters.framesIn += 1;
    this.#counters.bytesIn += (data as Buffer).length;
    if (this.connection.isClosing) return;
    if ("takeBinary" in this.session) {
      if (isBinary) this.session.takeBinary();
      else this.session.take((data as Buffer).toString("utf8"));
    } else if (isBinary !== this.connection.isBinary) {
      this.connection.send(isBinary ? BINARY_ERROR : TEXT_ERROR);
    } else if (isBinary) this.session.take(data as Buffer, decodeBinaryFrame(data as Buffer));
    else this.session.take((data as Buffer).toString("utf8"));
  }

  /** A frame that came in the request for this WebSocket. */
  takeEarly(text: string, webSocket: WebSocket): void {
    this.take(Buffer.from(text), false);
    this.tookFrame(webSocket);
  }

  /**
   * Of pings that come in one turn of the event loop, or while a pong waits for the socket, the newest is answered,
   * as the standard allows: thirty thousand of them a second would be as many writes. Rule: [GROW-56].
   */
  pinged(webSocket: WebSocket, data: Buffer): void {
    // A copy: what was read together with it must not be held for as long as it waits.
    this.#pinged = Buffer.from(data);
    if (this.#isAnsweringPing) return;
    this.#isAnsweringPing = true;
    setImmediate(() => this.#pong(webSocket));
  }

  #pong(webSocket: WebSocket): void {
    const data = this.#pinged;
    this.#pinged = null;
    if (data === null || webSocket.readyState !== webSocket.OPEN) {
      this.#isAnsweringPing = false;
      return;
    }
    webSocket.pong(data, false, () => this.#pong(webSocket));
  }

  /** A frame of whatever kind was taken: what follows at once may have to wait for its turn. */
  tookFrame(webSocket: WebSocket): void {
    const isDeferred = !this.#turns.took(this.#share);
    if (isDeferred === this.#isDeferred) return;
    this.#isDeferred = isDeferred;
    if (isDeferred) this.#counters.readingPaused.turn += 1;
    deferFrames(webSocket, isDeferred);
  }

  /** The library could not take what came: `fault` is its name for that. */
  faulted(fault: string): void {
    this.#fault = fault;
    this.#counters.webSocketFaults[FAULT_KINDS.get(fault) ?? "not-websocket"] += 1;
  }

  drained(): void {
    this.connection.drained();
    this.session.drained();
  }

  /** @param code  The close code; 1006 where none came. */
  gone(code: number): void {
    const { closedFor, trace } = this.connection;
    const reason = closedFor ?? (this.#fault === undefined ? "gone" : "fault");
    trace?.closed({ reason, code, fault: this.#fault });
    this.session.closed();
    this.connection.gone();
    this.#onGone(this);
  }
}

const FAULT_KINDS: ReadonlyMap<string, WebSocketFault> = new Map([
  ["WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", "too-large"],
  ["WS_ERR_TOO_MANY_BUFFERED_PARTS", "too-many-parts"],
]);

const PEER = Symbol("peer");

interface WithPeer {
  [PEER]?: WebSocketPeer;
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  const peer = (this as WithPeer)[PEER];
  peer?.take(data, isBinary);
  peer?.tookFrame(this);
}

function onPing(this: WebSocket, data: Buffer): void {
  const peer = (this as WithPeer)[PEER];
  peer?.pinged(this, data);
  peer?.tookFrame(this);
}

function onControl(this: WebSocket): void {
  (this as WithPeer)[PEER]?.tookFrame(this);
}

function onClose(this: WebSocket, code: number): void {
  (this as WithPeer)[PEER]?.gone(code);
}

function onError(this: WebSocket, error: Error): void {
  const { code } = error as NodeJS.ErrnoException;
  (this as WithPeer)[PEER]?.faulted(code ?? error.name);
  // The library has closed the connection with the code that fits (1002, 1007, 1009); `close` follows.
}

function onDrain(this: Socket): void {
  (this as Socket & WithPeer)[PEER]?.drained();
}

const PING_FRAME = JSON.stringify({ type: "ping" });

const BINARY_ERROR = JSON.stringify({
  type: "error",
  code: "bad-frame",
  message: "A frame is a WebSocket text message; this one was binary.",
});

const TEXT_ERROR = JSON.stringify({
  type: "error",
  code: "bad-frame",
  message: "A frame of this subprotocol is a WebSocket binary message; this one was text.",
});

const GIVE_UP_WORDS = {
  heartbeat: "no sign of life",
  slow: "nothing was taken for too long; come back and resume",
  hello: "no hello within 10 s",
} as const;
