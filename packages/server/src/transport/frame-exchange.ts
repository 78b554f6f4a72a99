import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import {
  decodeClientFrame,
  encodeFrame,
  type ClientFrameType,
  type DecodedClientFrame,
  type Echo,
  type ErrorFrame,
} from "@parlor/protocol";
import type { ConnectionTrace } from "../room/connection-trace.ts";
import type { EncodedBatch } from "../room/encoded-batch.ts";
import type { SharedFrames } from "../room/shared-frames.ts";
import { type CloseReason, type Connection, type FrameText, textOf } from "../session/connection.ts";
import { echoOf } from "../session/echo-of.ts";
import type { Living } from "../session/heartbeat.ts";
import type { LifeObservation } from "../session/life.ts";
import type { Services } from "../session/services.ts";
import { Session } from "../session/session.ts";
import { answerError, type HttpError } from "./http-answer.ts";
import type { SendPressure } from "./send-pressure.ts";
import { SocketWriter } from "./socket-writer.ts";

/** Which of the three addresses below `/connect`. */
export type ExchangeKind = "stream" | "poll" | "send";

/** What an exchange is made of: a request whose body has been read, and what all exchanges share. */
export interface ExchangeOf {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly address: string;
  /** The body's frames, one a line; the first is `hello`. */
  readonly lines: Iterator<string, void, undefined>;
  readonly services: Services;
  readonly pressure: SendPressure;
}

/** Frames that one kind of exchange does not take, and the sentence that says where they belong. */
export interface Misplaced {
  readonly types: ReadonlySet<ClientFrameType>;
  readonly message: string;
}

/**
 * One request below `/connect`: a body of frames, answered with frames. To its session it is a connection
 * like any other; it lasts as long as its response, and nothing of it is kept for the next request.
 *
 * Owns:     the hello, which decides the status, and what the three kinds have in common.
 * Leaves:   when the other frames are fed, how frames are written and when it ends (the three kinds).
 *
 * Rules: docs/protocol.md, STREAM-, POLL- and SEND-.
 */
export abstract class FrameExchange implements Connection, Living {
  abstract readonly kind: ExchangeKind;
  readonly address: string;
  readonly headers: IncomingHttpHeaders;
  /** Given by whoever opens it, before it begins. */
  trace: ConnectionTrace | null = null;
  /** The body came whole, so there is no `hello` to wait for; a hook that judges it has its own deadline. */
  readonly hasSaidHello = true;
  protected readonly response: ServerResponse;
  protected readonly services: Services;
  protected readonly session: Session;
  protected readonly writer: SocketWriter;
  readonly #lines: Iterator<string, void, undefined>;
  #frames = 0;
  #phase: "hello" | "open" | "over" = "hello";
  #closedFor: CloseReason | "answered" | "refused" | null = null;

  constructor({ request, response, address, lines, services, pressure }: ExchangeOf) {
    this.address = address;
    this.headers = request.headers;
    this.response = response;
    this.services = services;
    this.#lines = lines;
    this.writer = new SocketWriter(request.socket, pressure, services.counters, response);
    this.session = new Session(this, services);
  }

  /** Takes the hello. What comes of it is the answer, or the answer's status. */
  begin(): void {
    const first = this.#lines.next();
    if (first.done === true) {
      this.#countRefusal("hello-first", "hello");
      this.refuse({ code: "hello-first", message: "The body has no frame; the first line is `hello`." });
      return;
    }
    this.take(first.value);
  }

  get identity(): string | null {
    return this.session.identity;
  }

  get expiresAt(): number | null {
    return this.session.expiresAt;
  }

  get waitingBytes(): number {
    return this.writer.waitingBytes;
  }

  get isWritable(): boolean {
    return this.writer.isWritable;
  }

  get takesSignals(): boolean {
    return this.writer.takesSignals;
  }

  get takesState(): boolean {
    return this.isWritable;
  }

  /** Nothing comes up on it. */
  readonly pongs: Connection["pongs"] = "never";

  protected get isOpen(): boolean {
    return this.#phase === "open";
  }

  send(frame: FrameText): void {
    const text = textOf(frame);
    if (this.#phase === "open") this.write(text);
    if (this.#phase !== "hello") return;
    // The session speaks first to answer the hello; it knows an identity where that was good.
    if (this.session.identity === null) {
      this.refuse(JSON.parse(text) as ErrorFrame as HttpError);
      return;
    }
    this.#phase = "open";
    this.open(text);
    // In a step of its own: the session is in the middle of the one that welcomes.
    queueMicrotask(() => {
      if (this.isOpen) this.feed();
    });
  }

  close(reason: CloseReason, message: string): void {
    if (this.#phase !== "over") this.services.counters.closes[reason] += 1;
    this.#closedFor ??= reason;
    if (this.#phase === "open") this.finish(reason, message);
    this.#phase = "over";
  }

  /** All was said. */
  protected complete(): void {
    this.#closedFor ??= "answered";
    if (this.#phase === "open") this.finish(null, "");
    this.#phase = "over";
  }

  recheck(room?: string): void {
    this.session.recheck(room);
  }

  expire(): void {
    this.session.expire();
  }

  giveUp(): void {
    // Whoever takes nothing for too long can't be told so either.
    if (!this.response.destroyed) {
      this.services.counters.slowCloses += 1;
      this.services.counters.closes.slow += 1;
      this.#closedFor ??= "slow";
    }
    this.cut();
  }

  cut(): void {
    this.response.destroy();
  }

  /** The server is stopping: says when to come back, and ends. */
  sayBye(retryAfterMs: number): void {
    if (this.#phase === "hello") {
      this.refuse({ code: "draining", message: "The server is stopping; come back.", retryAfterMs });
      return;
    }
    this.send(encodeFrame({ type: "bye", code: "draining", retryAfterMs }));
    this.close("drain", "the server is stopping; come back");
  }

  /** The response takes more again. */
  drained(): void {
    this.writer.drained();
    this.session.drained();
  }

  /** The response is over, or was cut. */
  gone(): void {
    this.#phase = "over";
    this.trace?.closed({ reason: this.#closedFor ?? "gone" });
    this.session.closed();
    this.writer.closed();
  }

  /** The peer has ended its side: it has gone, or reads on and asks nothing more. */
  peerEnded(): void {
    this.response.socket?.end();
  }

  abstract deliver(batch: EncodedBatch): boolean;
  abstract sendShared(frames: SharedFrames): void;
  abstract pauseReading(): void;
  abstract resumeReading(): void;
  abstract observe(): LifeObservation;
  abstract ping(): void;

  /** Frames behind the hello that one body may have. */
  protected abstract readonly maxFrames: number;
  /** Frames that belong elsewhere. */
  protected abstract readonly misplaced: Misplaced;
  /** The hello was good: writes the head and the welcome. */
  protected abstract open(welcome: string): void;
  /** Takes the frames behind the hello. */
  protected abstract feed(): void;
  /** Writes one frame. */
  protected abstract write(text: string): void;
  /** Ends the response; what was written before still goes out. Without a reason all was said. */
  protected abstract finish(reason: CloseReason | null, message: string): void;

  /** The line of the next frame; null at the end, and behind as many as a body may have. */
  protected nextLine(): string | null {
    if (this.#frames > this.maxFrames) return null;
    const next = this.#lines.next();
    if (next.done === true) return null;
    this.#frames += 1;
    return this.#frames <= this.maxFrames ? next.value : null;
  }

  /** Says so where the body had more frames than it may have. */
  protected tellOverflow(): void {
    if (this.#frames <= this.maxFrames) return;
    const message = `A body has at most ${this.maxFrames} frames; those behind them were not read.`;
    this.tell({ type: "error", code: "too-large", message });
  }

  /** Hands one line to the session, or says where its frame belongs. */
  protected take(line: string, decoded = decodeClientFrame(line)): void {
    const { counters } = this.services;
    counters.framesIn += 1;
    counters.bytesIn += Buffer.byteLength(line);
    const echo = this.#phase === "hello" ? null : this.#misplacedEcho(decoded);
    if (echo === null) {
      this.session.take(line, decoded);
      return;
    }
    this.tell({ type: "error", ...echo, code: "unknown-frame", message: this.misplaced.message });
  }

  /** An `error` of the transport's own. */
  protected tell(error: ErrorFrame & { readonly code: HttpError["code"] }): void {
    this.#countRefusal(error.code, error.to ?? "frame");
    this.send(encodeFrame(error));
  }

  #countRefusal(code: HttpError["code"], to: string): void {
    const { address, identity, trace } = this;
    this.services.events.refused(code, { address, identity, connection: trace?.number }, to);
  }

  /** Answers with an HTTP error in place of frames. */
  protected refuse({ code, message, retryAfterMs }: HttpError): void {
    this.#closedFor ??= "refused";
    this.#phase = "over";
    this.session.closed();
    answerError(this.response, { code, message, retryAfterMs });
  }

  /** What to repeat of a frame that belongs elsewhere; null where it belongs here. */
  #misplacedEcho(decoded: DecodedClientFrame): Echo | null {
    const { types } = this.misplaced;
    if (!decoded.ok) {
      return decoded.echo.to !== undefined && (types as ReadonlySet<string>).has(decoded.echo.to)
        ? decoded.echo
        : null;
    }
    return types.has(decoded.frame.type) ? echoOf(decoded.frame) : null;
  }
}
