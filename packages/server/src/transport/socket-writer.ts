import type { Socket } from "node:net";
import type { Counters } from "../room/counters.ts";
import type { SendPressure } from "./send-pressure.ts";
import type { LifeObservation } from "../session/life.ts";

/** Bytes that wait unsent, above which what may be lost is not added: it would be stale when it is taken. */
const SIGNAL_MARK_BYTES = 65_536;

/** What bytes are written to: a socket itself, or a response that frames them for HTTP. */
export interface ByteSink {
  readonly destroyed: boolean;
  readonly writable: boolean;
  readonly writableLength: number;
  readonly writableNeedDrain: boolean;
  write(bytes: Buffer, onTaken?: () => void): boolean;
}

/**
 * Writes to one socket and knows what of it is unsent: the send buffer of a connection.
 *
 * It keeps no bytes of its own. Buffers handed to the socket are shared by all who are sent the same
 * batch, so what a slow connection costs is references, and the mark bounds even those.
 */
export class SocketWriter {
  readonly socket: Socket;
  readonly #sink: ByteSink;
  readonly #pressure: SendPressure;
  readonly #counters: Counters;
  /** What of this connection is counted in the pressure of all. */
  #countedBytes = 0;
  #isOverMark = false;
  #lastRead = 0;
  #lastHandedOver = 0;
  #lastTaken = 0;
  #lastQueued = 0;

  constructor(socket: Socket, pressure: SendPressure, counters: Counters, sink: ByteSink = socket) {
    this.socket = socket;
    this.#sink = sink;
    this.#pressure = pressure;
    this.#counters = counters;
  }

  /** Below the mark, so that more may be fed. Once over it, it stays closed until the socket has drained. */
  get isWritable(): boolean {
    return !this.#isOverMark;
  }

  /** Bytes handed over that wait unsent. */
  get waitingBytes(): number {
    return this.#sink.writableLength;
  }

  get takesSignals(): boolean {
    return !this.#isOverMark && this.#sink.writableLength < SIGNAL_MARK_BYTES;
  }

  /**
   * Writes bytes; answers whether more may be fed. What is written to a dead socket is dropped.
   * @param onTaken  Called in a later turn, once the system has taken them.
   */
  write(bytes: Buffer, onTaken?: () => void): boolean {
    const sink = this.#sink;
    if (sink.destroyed || !sink.writable) return true;
    this.#counters.framesOut += 1;
    this.#counters.bytesOut += bytes.length;
    if (sink.write(bytes, onTaken) || !sink.writableNeedDrain) return true;
    this.#count(sink.writableLength);
    if (!this.#isOverMark && sink.writableLength > this.#pressure.markBytes) {
      this.#isOverMark = true;
      this.#counters.slowReaders += 1;
      this.#counters.slowTurns += 1;
      if (this.#pressure.isCrowded) this.#counters.crowdedTurns += 1;
    }
    return !this.#isOverMark;
  }

  /** Writes one frame that lies in several places. */
  writeParts(parts: readonly Buffer[]): boolean {
    this.socket.cork();
    for (const part of parts) this.write(part);
    this.socket.uncork();
    this.#counters.framesOut -= parts.length - 1;
    return !this.#isOverMark;
  }

  /** The socket has taken everything. */
  drained(): void {
    this.#count(0);
    if (!this.#isOverMark) return;
    this.#isOverMark = false;
    this.#counters.slowReaders -= 1;
  }

  /** The socket is gone, and what waited with it. */
  closed(): void {
    this.drained();
  }

  /** What happened on the socket since the last call. */
  observe(): LifeObservation {
    const { socket } = this;
    const read = socket.bytesRead;
    const handedOver = socket.bytesWritten;
    const unsent = this.#sink.writableLength;
    const taken = handedOver - unsent;
    const queued = kernelQueueBytes(socket);
    const observation = {
      received: read !== this.#lastRead,
      sent: handedOver !== this.#lastHandedOver,
      hasUnsent: unsent > 0,
      // One large write counts as unsent until its last byte is taken; the queue below it shows progress.
      taken: this.#lastQueued > 0 && (taken !== this.#lastTaken || queued < this.#lastQueued),
    };
    this.#lastRead = read;
    this.#lastHandedOver = handedOver;
    this.#lastTaken = taken;
    this.#lastQueued = unsent > 0 ? Math.max(queued, 1) : 0;
    return observation;
  }

  #count(waitingBytes: number): void {
    this.#pressure.waitingBytes += waitingBytes - this.#countedBytes;
    this.#countedBytes = waitingBytes;
  }
}

/**
 * Bytes that were handed to the system and not taken yet. Node offers it on the socket's handle only;
 * without it a reader that takes one large write slowly would look as if it took nothing.
 */
function kernelQueueBytes(socket: Socket): number {
  const handle = (socket as Socket & { readonly _handle?: { readonly writeQueueSize?: unknown } | null })
    ._handle;
  return typeof handle?.writeQueueSize === "number" ? handle.writeQueueSize : 0;
}
