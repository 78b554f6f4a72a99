import { CLOSE_CODES, encodeMessagesFrame } from "@parlor/protocol";
import {
  Session,
  type CloseReason,
  type Connection,
  type Departing,
  type EncodedBatch,
  type FrameText,
  type LifeObservation,
  type Living,
  type Services,
  type SharedFrames,
  textOf,
} from "@parlor/server/cores";
import { AskedFor, frameBeside, type FrameBeside as BesideKind } from "./asked-for.ts";
import type { LineEnd, SimulatedLine } from "./simulated-line.ts";

/** Bytes unsent past which a connection takes no more batches. Small, so that readers are slow at once. */
export const MARK_BYTES = 800;

/** A frame beside the messages, and whether its connection asked for such. */
export interface FrameBeside extends BesideKind {
  readonly hasAsked: boolean;
}

/** Who looks at what goes through a connection. */
export interface Onlooker {
  batch(to: SimulatedConnection, batch: EncodedBatch): void;
  beside(to: SimulatedConnection, frame: FrameBeside, text: string): void;
  /** A signal came from it. */
  signal(text: string): void;
  gone(connection: SimulatedConnection): void;
}

/** The server's end of a line, with the product's session behind it. */
export class SimulatedConnection implements Connection, Living, LineEnd, Departing {
  readonly address = "10.0.0.1";
  readonly headers = null;
  readonly trace = null;
  readonly session: Session;
  /** The most that ever waited unsent, bytes. */
  peakUnsentBytes = 0;
  readonly #line: SimulatedLine;
  readonly #onlooker: Onlooker;
  readonly #asked = new AskedFor();
  readonly #unread: string[] = [];
  #pauses = 0;
  #isClosing = false;
  #isGone = false;
  #isFull = false;
  #seen = { received: false, sent: false, taken: false };

  constructor(line: SimulatedLine, services: Services, onlooker: Onlooker) {
    this.#line = line;
    this.#onlooker = onlooker;
    this.session = new Session(this, services);
  }

  // What the session asks of its connection.

  get isWritable(): boolean {
    return this.#line.unsentBytes < MARK_BYTES;
  }

  send(frame: FrameText): void {
    const text = textOf(frame);
    if (this.#isClosing || this.#isGone) return;
    const beside = frameBeside(text);
    if (beside !== null) this.#onlooker.beside(this, { ...beside, hasAsked: this.#asked.has(beside) }, text);
    this.#line.sendDown(text);
    this.#seen.sent = true;
    this.peakUnsentBytes = Math.max(this.peakUnsentBytes, this.#line.unsentBytes);
    if (this.isWritable || this.#isFull) return;
    // As over a WebSocket: who does not read is not read either.
    this.#isFull = true;
    this.pauseReading();
  }

  get takesSignals(): boolean {
    return this.isWritable;
  }

  get takesState(): boolean {
    return this.isWritable;
  }

  readonly pongs = "here";

  sendShared({ texts }: SharedFrames): void {
    for (const text of texts) this.send(text);
  }

  deliver(batch: EncodedBatch): boolean {
    if (this.#isClosing) return true;
    this.#onlooker.batch(this, batch);
    this.send(encodeMessagesFrame(batch.room, batch.after, batch.texts));
    return this.isWritable;
  }

  pauseReading(): void {
    this.#pauses += 1;
  }

  resumeReading(): void {
    this.#pauses -= 1;
    while (this.#pauses === 0 && this.#unread.length > 0) this.#take(this.#unread.shift() as string);
  }

  close(reason: CloseReason, _message: string): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#line.close(CLOSE_CODES[reason].code);
  }

  // What the line tells.

  text(text: string): void {
    this.#seen.received = true;
    if (this.#isClosing || this.#isGone) return;
    if (this.#pauses > 0) this.#unread.push(text);
    else this.#take(text);
  }

  #take(text: string): void {
    this.#asked.hear(text);
    if (text.startsWith('{"type":"signal"')) this.#onlooker.signal(text);
    this.session.take(text);
  }

  drained(): void {
    this.#seen.taken = true;
    if (this.#isGone || !this.#isFull || !this.isWritable) return;
    this.#isFull = false;
    this.resumeReading();
    this.session.drained();
  }

  closed(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.session.closed();
    this.#onlooker.gone(this);
  }

  // What the heartbeat asks.

  get hasSaidHello(): boolean {
    return this.session.hasSaidHello;
  }

  get expiresAt(): number | null {
    return this.session.expiresAt;
  }

  observe(): LifeObservation {
    const { received, sent, taken } = this.#seen;
    this.#seen = { received: false, sent: false, taken: false };
    return { received: received || this.#pauses > 0, sent, taken, hasUnsent: this.#line.unsentBytes > 0 };
  }

  ping(): void {
    this.send(JSON.stringify({ type: "ping" }));
  }

  giveUp(reason: "heartbeat" | "slow" | "hello"): void {
    this.close(reason, "");
  }

  expire(): void {
    this.session.expire();
  }

  sayBye(retryAfterMs: number): void {
    this.send(JSON.stringify({ type: "bye", code: "draining", retryAfterMs }));
    this.close("drain", "");
  }
}
