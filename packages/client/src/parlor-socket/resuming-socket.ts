import { pageClock, type TimerHandle } from "@parlor/base";
import {
  DEFAULT_MAX_BODY_BYTES,
  plainFrame,
  plainTextOf,
  readRoomFrame,
  type Message,
} from "@parlor/protocol";
import { ClientShell } from "../client-shell.ts";
import type { ConnectionState } from "../connection-state.ts";
import { resolveFor, socketUrl } from "../core-options.ts";
import type { Failure, RoomNotice } from "../effects.ts";
import { platformKeyStorage } from "../key-storage.ts";
import { limitOf } from "../limit-of.ts";
import { meansTo } from "../means-to.ts";
import type { ClientOptions } from "../options.ts";
import { racingOver } from "../transports/racing-link.ts";
import { sendLane } from "../transports/send-lane.ts";
import { webSocketTransport } from "../transports/websocket-transport.ts";
import { closeWords, cutReason, sentData, utf8Length } from "./arguments.ts";
import { BROKEN, CLOSE_TIMEOUT_MS, CLOSED, CLOSING, CONNECTING, NO_STATUS, OPEN, POLICY } from "./codes.ts";
import { eventHandlers, type EventHandlers } from "./event-handlers.ts";
import { ownKey } from "./own-key.ts";
import type { RoomAddress } from "./room-address.ts";
import { SocketOutbox } from "./socket-outbox.ts";

/** What an outbox of a socket holds. */
const OUTBOX = { maxCount: 100_000, maxBytes: 8_388_608 };
/** How it ends where the connection is gone. */
const LOST: CloseEventInit = { code: BROKEN };

/** What the server says when it turns a client away, as it closes a connection. */
const FINAL_CODES: Readonly<Record<string, number>> = {
  version: 4500,
  forbidden: 4501,
  unauthenticated: 4502,
  expired: 4502,
};

/** What a socket that resumes may be told of its link and its identity, as a client is. */
export type SocketOptions = Pick<
  ClientOptions,
  "key" | "storage" | "token" | "fetch" | "webSocket" | "wake" | "clock" | "random"
>;

/**
 * What is behind a socket that resumes: a room, read and written by the client, with the state, the events and the
 * errors of a WebSocket of the plain room.
 *
 *     CONNECTING ──▶ OPEN ──────────────▶ CLOSING ──▶ CLOSED      `readyState` never goes back
 *         │          (and lost, and back)    ▲          ▲
 *         └──────────────────────────────────┴──────────┘          the first try failed, or the server turned it away
 *
 * Owns:     readyState, bufferedAmount, and which events the page sees, in which order.
 * Leaves:   the link, the cursor and the outbox (the client's core), the shape of the class (parlor-socket.ts).
 *
 * Rules: docs/guarantees.md [PSOCKET-…].
 */
export class ResumingSocket {
  readonly url: string;
  /** No subprotocol was asked for, so to the page none was chosen. */
  readonly protocol = "";
  readonly extensions = "";
  readyState = CONNECTING;
  /** Bytes that were sent and that the server does not have on its disk, as far as known, and all that came too late. */
  bufferedAmount = 0;
  readonly handlers: EventHandlers;
  readonly #target: EventTarget;
  readonly #shell: ClientShell;
  readonly #outbox: SocketOutbox;
  /** Messages of which something is still to become. */
  #pending = 0;
  #binaryType = "blob";
  #isInterrupted = false;
  /** `close()` was called, and waits for the outbox. */
  #closing: CloseEventInit | null = null;
  #timer: TimerHandle | undefined;

  constructor(target: EventTarget, { href, base, room, wanted }: RoomAddress, options: SocketOptions) {
    this.url = href;
    this.#target = target;
    this.handlers = eventHandlers(target);
    const socket = webSocketTransport(socketUrl(base), options.webSocket ?? WebSocket);
    const { clock = pageClock } = options;
    const means = meansTo(base, options, ["websocket", "stream", "poll"], socket, clock);
    // Bodies stay as their JSON: that is what a plain room shows of them.
    let { key } = options;
    const resolved = resolveFor(options, {
      link: racingOver(means, sendLane),
      decode: readRoomFrame,
      key: () => (key ??= ownKey(options.storage ?? platformKeyStorage(), base.origin)),
      clock,
      errorOf: (failure) => failure,
    });
    this.#shell = new ClientShell(resolved, (notice) => {
      if (notice.kind === "state") this.#linked(notice.state);
      else if (notice.kind === "room") this.#told(notice.notice);
      else this.#refuse(notice.error);
    });
    const { core } = this.#shell;
    this.#outbox = new SocketOutbox(core, room, OUTBOX);
    this.#shell.step(() => core.subscribe(room, wanted));
  }

  get binaryType(): string {
    return this.#binaryType;
  }

  set binaryType(value: unknown) {
    const type = `${value as string}`;
    if (type === "blob" || type === "arraybuffer") this.#binaryType = type;
  }

  send(...args: unknown[]): void {
    const { text, bytes } = sentData(args);
    if (this.readyState === CONNECTING)
      throw new DOMException("send: The socket is still connecting.", "InvalidStateError");
    this.bufferedAmount += bytes;
    if (this.readyState !== OPEN) return;
    this.#pending += 1;
    const sent = (): void => {
      if (this.readyState === CLOSED) return;
      this.bufferedAmount -= bytes;
      this.#pending -= 1;
      this.#endIfSent();
    };
    // Behind what runs now, as every event is.
    const refused = (failure: Failure): void =>
      this.#later(() => {
        sent();
        this.#refuse(failure);
      });
    const json = JSON.stringify(text);
    const size = utf8Length(json);
    const max = limitOf(this.#shell.core.limits.maxBodyBytes, DEFAULT_MAX_BODY_BYTES);
    if (text === null) refused({ code: "bad-frame", message: "A room takes text, and nothing binary." });
    else if (size > max)
      refused({ code: "too-large", message: `The body has ${size} bytes; at most ${max} are taken.` });
    else this.#shell.ask((ticket) => this.#outbox.publish(json, size, ticket)).then(sent, refused);
  }

  close(...args: unknown[]): void {
    const { code = NO_STATUS, reason } = closeWords(args);
    if (this.readyState === CONNECTING) return this.#fail();
    if (this.readyState !== OPEN) return;
    this.readyState = CLOSING;
    this.#closing = { code, reason, wasClean: true };
    this.#timer = this.#shell.options.clock.after(CLOSE_TIMEOUT_MS, () => this.#end(LOST));
    this.#endIfSent();
  }

  #linked(state: ConnectionState): void {
    const isNew = this.readyState === CONNECTING;
    if (state.kind === "open") {
      if (isNew) {
        this.readyState = OPEN;
        this.#dispatch(new Event("open"));
      } else if (this.#isInterrupted) {
        this.#isInterrupted = false;
        this.#dispatch(new CustomEvent("resumed", { detail: { transport: state.transport } }));
      }
    } else if (state.kind === "waiting") {
      if (isNew) return this.#fail();
      const { attempt, retryInMs, reason } = state;
      this.#isInterrupted = true;
      this.#dispatch(new CustomEvent("interrupted", { detail: { attempt, retryInMs, reason } }));
      // By `release` it is the end that is under way already.
    } else if (state.kind === "closed" && state.code !== "closed") {
      if (isNew) return this.#fail();
      const { code, message } = state;
      this.#end({ code: FINAL_CODES[code] ?? POLICY, reason: cutReason(message), wasClean: true });
    }
  }

  #told(notice: RoomNotice): void {
    if (notice.name === "messages") {
      const texts = notice.messages.map(shownText).filter((text) => text !== null);
      if (texts.length > 0) this.#message(texts);
    } else if (notice.name === "lost") this.#message([], { lost: notice.value });
    // Where the whole client was turned away, the end says so.
    else if (notice.name === "unsubscribed" && this.#shell.core.connection.state.kind !== "closed")
      this.#refuse(notice.value);
  }

  #endIfSent(): void {
    if (this.#closing !== null && this.#pending === 0) this.#end(this.#closing);
  }

  /** The connection never came about: final, as for every WebSocket. */
  #fail(): void {
    this.#end(LOST, true);
  }

  #end(words: CloseEventInit, isFailure = false): void {
    const { options, core } = this.#shell;
    this.readyState = CLOSING;
    this.#closing = null;
    if (this.#timer !== undefined) options.clock.cancel(this.#timer);
    this.#shell.step(() => core.connection.release());
    this.#later(() => {
      this.readyState = CLOSED;
      if (isFailure) this.#dispatch(new Event("error"));
      this.#dispatch(new CloseEvent("close", words));
    });
  }

  #refuse({ code, message }: Failure): void {
    this.#message([], { error: { code, message } });
  }

  #message(texts: readonly string[], said?: { readonly error?: unknown; readonly lost?: unknown }): void {
    if (this.readyState !== OPEN) return;
    const { origin } = new URL(this.url);
    this.#dispatch(new MessageEvent("message", { data: plainFrame(texts, said), origin }));
  }

  #later(task: () => void): void {
    this.#shell.options.clock.after(0, task);
  }

  #dispatch(event: Event): void {
    this.#target.dispatchEvent(event);
  }
}

/** As the server shows it in a plain room; null for what it leaves out. */
function shownText({ body, re, redacted }: Message): string | null {
  return redacted === true || re !== undefined ? null : plainTextOf(body, () => JSON.stringify(body));
}
