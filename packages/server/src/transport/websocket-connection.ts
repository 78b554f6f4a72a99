import type { IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import { CLOSE_CODES } from "@parlor/protocol";
import type { WebSocket } from "ws";
import type { ConnectionTrace } from "../room/connection-trace.ts";
import type { Counters } from "../room/counters.ts";
import type { EncodedBatch } from "../room/encoded-batch.ts";
import type { SharedFrames } from "../room/shared-frames.ts";
import type { CloseReason, Connection, FrameText } from "../session/connection.ts";
import type { LifeObservation } from "../session/life.ts";
import type { SocketWriter } from "./socket-writer.ts";
import type { WebSocketForm } from "./websocket-form.ts";

/** How long a peer may take to answer a close before its socket is cut, ms. */
export const CLOSE_GRACE_MS = 2_000;

/**
 * A WebSocket as a connection: `ws` reads and closes it, we write to its socket.
 *
 * Writing beside the library is sound because nothing is compressed: each write is one or more whole
 * frames, and the library, too, hands whole frames to the same socket in one go.
 */
export class WebSocketConnection implements Connection {
  readonly address: string;
  readonly headers: IncomingHttpHeaders | null;
  readonly trace: ConnectionTrace | null;
  readonly #webSocket: WebSocket;
  readonly #writer: SocketWriter;
  readonly #form: WebSocketForm;
  readonly #counters: Counters;
  #outgoing: string[] | null = null;
  #pauses = 0;
  #isClosing = false;
  #closedFor: CloseReason | null = null;

  constructor(
    webSocket: WebSocket,
    writer: SocketWriter,
    form: WebSocketForm,
    address: string,
    headers: IncomingHttpHeaders | null,
    trace: ConnectionTrace | null,
    counters: Counters,
  ) {
    this.#counters = counters;
    this.#webSocket = webSocket;
    this.#writer = writer;
    this.#form = form;
    this.address = address;
    this.headers = headers;
    this.trace = trace;
  }

  /** What the peer still sends after that is not taken. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Why the server closed it; null where it did not. */
  get closedFor(): CloseReason | null {
    return this.#closedFor;
  }

  get waitingBytes(): number {
    return this.#writer.waitingBytes;
  }

  get isWritable(): boolean {
    return this.#writer.isWritable;
  }

  get takesSignals(): boolean {
    return this.#writer.takesSignals;
  }

  get takesState(): boolean {
    return this.#writer.takesSignals;
  }

  readonly pongs = "here";

  /** Whether its frames are binary messages. */
  get isBinary(): boolean {
    return this.#form.isBinary;
  }

  get socket(): Socket {
    return this.#writer.socket;
  }

  /**
   * Frames of one turn of the event loop leave in one write: the acks of a group commit come in one turn,
   * and a write for each would cost more than all the rest of a publish.
   */
  send(text: FrameText): void {
    if (this.#isClosing) return;
    if (typeof text !== "string") {
      this.#flush();
      if (!this.#isOver) this.#sent(this.#writer.writeParts(this.#form.framed(text)));
      return;
    }
    if (this.#outgoing === null) {
      this.#outgoing = [text];
      queueMicrotask(() => this.#flush());
      return;
    }
    this.#outgoing.push(text);
  }

  deliver(batch: EncodedBatch): boolean {
    if (this.#isOver) return true;
    if (this.#outgoing !== null) this.#flush();
    const bytes = batch.bytesFor(this.#form.batches);
    return bytes === null ? this.#writer.isWritable : this.#writer.write(bytes);
  }

  sendShared(frames: SharedFrames): void {
    if (this.#isOver) return;
    if (this.#outgoing !== null) this.#flush();
    this.#writer.write(frames.bytesFor(this.#form.frames));
  }

  /** A close frame went out, of this server or in answer to the peer's: nothing may come behind it. */
  get #isOver(): boolean {
    return this.#isClosing || this.#webSocket.readyState !== this.#webSocket.OPEN;
  }

  #flush(): void {
    const texts = this.#outgoing;
    if (texts === null) return;
    this.#outgoing = null;
    if (this.#isOver) return;
    this.#sent(this.#writer.write(this.#form.frames.encodeFrames(texts)));
  }

  /** Past the mark nothing more is read from the peer, so answers can't pile up behind one who doesn't read. */
  #sent(isTaking: boolean): void {
    if (isTaking || this.#isHeldBack) return;
    this.#isHeldBack = true;
    this.pauseReading();
  }

  #isHeldBack = false;

  /** The socket has taken everything. */
  drained(): void {
    this.#writer.drained();
    if (!this.#isHeldBack) return;
    this.#isHeldBack = false;
    this.resumeReading();
  }

  pauseReading(): void {
    this.#pauses += 1;
    if (this.#pauses === 1) this.#webSocket.pause();
  }

  resumeReading(): void {
    this.#pauses -= 1;
    if (this.#pauses === 0) this.#webSocket.resume();
  }

  ping(): void {
    this.#webSocket.ping();
  }

  /** While we do not read, the peer's silence is our own doing and says nothing of its life. */
  observe(): LifeObservation {
    const seen = this.#writer.observe();
    return this.#pauses > 0 ? { ...seen, received: true } : seen;
  }

  /** What was sent before still goes out first; a peer that does not answer is cut after a grace. */
  close(reason: CloseReason, message: string): void {
    if (this.#isClosing) return;
    this.#flush();
    this.#isClosing = true;
    this.#closedFor = reason;
    this.#counters.closes[reason] += 1;
    // A paused reader would never see the peer's close frame.
    if (this.#pauses > 0) this.#webSocket.resume();
    this.#webSocket.close(CLOSE_CODES[reason].code, message);
  }

  /** For a peer that is not there any more. */
  cut(): void {
    this.#isClosing = true;
    this.#webSocket.terminate();
  }

  gone(): void {
    this.#isClosing = true;
    this.#outgoing = null;
    this.#writer.closed();
  }
}
