import type { Socket } from "node:net";

/** How long bytes are held to be delivered together. */
export interface Hold {
  /** How long the first of them waits at most, ms. */
  readonly holdMs: number;
  /** So many leave at once, without waiting longer. @default Infinity, which is 1 MiB */
  readonly untilBytes?: number;
}

/** How bytes travel in one direction. */
export interface Road {
  isPaused: boolean;
  delayMs: number;
  bytesPerSecond: number;
  hold: Hold | null;
  /** Size of the next piece; null where bytes leave as they came. */
  nextPieceBytes: (() => number) | null;
}

/** Bytes on their way in one direction above which no more are taken, as in a network. */
const MAX_QUEUED_BYTES = 1_048_576;
/** How many pieces a second a throttled stream is cut into. */
const PIECES_PER_SECOND = 50;

interface Stretch {
  readonly bytes: Buffer;
  /** Not before this moment, of the monotonic clock. */
  readonly dueMs: number;
}

export function goodRoad(): Road {
  return { isPaused: false, delayMs: 0, bytesPerSecond: Infinity, hold: null, nextPieceBytes: null };
}

/** Carries bytes from one socket to another as its road allows: each once, in order, and then the end. */
export class OneWay {
  readonly #source: Socket;
  readonly #sink: Socket;
  readonly #road: Road;
  #queue: Stretch[] = [];
  #queuedBytes = 0;
  /** Bytes at the front of the queue that were held long enough; they wait for no others any more. */
  #releasedBytes = 0;
  /** Before this moment a throttled stream carries nothing. */
  #freeAtMs = 0;
  #hasEnded = false;
  #isBlocked = false;
  #timer: NodeJS.Timeout | undefined;
  /** Set between two pieces, until their receiver had a turn to read the first. */
  #turn: NodeJS.Immediate | null = null;

  constructor(source: Socket, sink: Socket, road: Road) {
    this.#source = source;
    this.#sink = sink;
    this.#road = road;
    source.on("data", (bytes: Buffer) => {
      this.#queue.push({ bytes, dueMs: performance.now() + road.delayMs });
      this.#queuedBytes += bytes.length;
      if (this.#queuedBytes > MAX_QUEUED_BYTES) source.pause();
      this.goOn();
    });
    source.on("end", () => {
      this.#hasEnded = true;
      this.goOn();
    });
    sink.on("drain", () => {
      this.#isBlocked = false;
      this.goOn();
    });
  }

  stop(): void {
    clearTimeout(this.#timer);
    if (this.#turn !== null) clearImmediate(this.#turn);
    this.#turn = null;
    this.#queue = [];
    this.#hasEnded = false;
  }

  goOn(): void {
    clearTimeout(this.#timer);
    while (!this.#road.isPaused && !this.#isBlocked && this.#turn === null && !this.#sink.destroyed) {
      const next = this.#queue[0];
      if (next === undefined) {
        if (this.#hasEnded && !this.#sink.writableEnded) this.#sink.end();
        return;
      }
      const waitMs = Math.max(next.dueMs, this.#freeAtMs, this.#heldUntilMs(next)) - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.goOn(), waitMs);
        return;
      }
      this.#carry();
    }
  }

  /** Until when the first stretch waits for others to leave with. */
  #heldUntilMs(first: Stretch): number {
    const { hold } = this.#road;
    if (hold === null || this.#releasedBytes > 0 || this.#hasEnded) return 0;
    const isEnough = this.#queuedBytes >= Math.min(hold.untilBytes ?? Infinity, MAX_QUEUED_BYTES);
    return isEnough ? 0 : first.dueMs + hold.holdMs;
  }

  /** Writes what leaves now, or as much of it as the road carries at once. */
  #carry(): void {
    if (this.#road.hold !== null && this.#releasedBytes === 0) this.#release();
    const { bytes, dueMs } = this.#queue.shift() as Stretch;
    const count = this.#countOf(bytes);
    if (count < bytes.length) this.#queue.unshift({ bytes: bytes.subarray(count), dueMs });
    this.#queuedBytes -= count;
    this.#releasedBytes = Math.max(0, this.#releasedBytes - count);
    if (!this.#sink.write(bytes.subarray(0, count))) this.#isBlocked = true;
    if (this.#road.nextPieceBytes !== null) {
      this.#turn = setImmediate(() => {
        this.#turn = null;
        this.goOn();
      });
    }
    if (this.#queuedBytes <= MAX_QUEUED_BYTES && this.#source.isPaused()) this.#source.resume();
  }

  /** Makes one stretch of all that is due. */
  #release(): void {
    const nowMs = performance.now();
    const later = this.#queue.findIndex(({ dueMs }) => dueMs > nowMs);
    const due = this.#queue.splice(0, later === -1 ? this.#queue.length : later);
    const bytes = Buffer.concat(due.map((each) => each.bytes));
    this.#queue.unshift({ bytes, dueMs: nowMs });
    this.#releasedBytes = bytes.length;
  }

  #countOf({ length }: Buffer): number {
    const { bytesPerSecond, nextPieceBytes } = this.#road;
    const most = Math.min(
      length,
      Math.floor(bytesPerSecond / PIECES_PER_SECOND),
      nextPieceBytes?.() ?? Infinity,
    );
    // A piece of no size, or of none that is a number, would never come to an end.
    const count = most >= 1 ? Math.floor(most) : 1;
    if (bytesPerSecond !== Infinity) this.#freeAtMs = performance.now() + (count / bytesPerSecond) * 1000;
    return count;
  }
}
