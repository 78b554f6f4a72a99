import type { TimerHandle } from "@parlor/base";
import {
  decodeClientFrame,
  encodeMessagesFrame,
  encodeSignalsFrame,
  parseOffset,
  type ServerFrame,
} from "@parlor/protocol";
import type { BatchEncoder, EncodedBatch } from "../room/encoded-batch.ts";
import type { FramesEncoder, SharedFrames } from "../room/shared-frames.ts";
import type { LifeObservation } from "../session/life.ts";
import { FrameExchange, type ExchangeOf } from "./frame-exchange.ts";
import { PollProgress } from "./poll-progress.ts";
import { NDJSON_HEADERS } from "./send-exchange.ts";
import { maxDownwardFrames, ONLY_DOWNWARD } from "./stream-exchange.ts";

/** A batch as one line. */
const FRAME_LINES: BatchEncoder = {
  encode: (batch) => frameLine(encodeMessagesFrame(batch.room, batch.after, batch.texts)),
};

/** Frames as lines. */
const LINES: FramesEncoder = { encodeFrames: (texts) => Buffer.concat(texts.map(frameLine)) };

/** The longest wait, also the default, s: below what proxies on the way allow a silent request. */
const MAX_WAIT_SECONDS = 25;

/** Bytes of frames after which an answer takes no further batch: as a page of history. */
const MAX_ANSWER_BYTES = 262_144;

/**
 * How long a poll goes on waiting after the first signal, ms. Without it, somebody who signals 60 times a second
 * would have everybody who polls ask anew as often.
 */
const SIGNALS_GATHER_MS = 200;

/**
 * How long a poll that waits is without its state, ms. A state that changes all the time would end every poll at once:
 * hundreds of requests a second, each with next to nothing in it, and hardly a moment in which signals are heard. One
 * that has waited for longer is told of a change as it comes.
 */
const STATE_GATHER_MS = 200;

/** Bytes of frames behind which an answer takes no further signals. */
const MAX_BYTES_BEFORE_SIGNALS = 65_536;

/** The `wait` of an address in seconds; null where it is none. */
export function pollWaitSeconds(query: URLSearchParams): number | null {
  const text = query.get("wait");
  if (text === null) return MAX_WAIT_SECONDS;
  const seconds = parseOffset(text);
  return seconds !== null && seconds <= MAX_WAIT_SECONDS ? seconds : null;
}

/**
 * `POST /connect/poll`: the fallback of the fallback, for ways that pass on nothing before its end. Gathers
 * what there is to say and answers it at once, as one body of frames.
 *
 * It ends when all that was asked for is caught up and there is news; without news after `wait`. A full
 * answer ends after a whole frame, and the next request goes on from there. Bytes are those of the shared
 * batches, so what a waiting poll holds is references.
 *
 * Rules: docs/protocol.md, POLL-.
 */
export class PollExchange extends FrameExchange {
  readonly kind = "poll";
  protected readonly misplaced = ONLY_DOWNWARD;
  protected readonly maxFrames = maxDownwardFrames(this.services);
  readonly #waitSeconds: number;
  readonly #progress = new PollProgress();
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #isFed = false;
  #isFull = false;
  #isOverdue: boolean;
  #isEndScheduled = false;
  #timer: TimerHandle | null = null;
  #signalTimer: TimerHandle | null = null;
  #stateTimer: TimerHandle | null = null;
  #holdsState: boolean;

  constructor(exchange: ExchangeOf, waitSeconds: number) {
    super(exchange);
    this.#waitSeconds = waitSeconds;
    this.#isOverdue = waitSeconds === 0;
    // One that does not wait says what there is.
    this.#holdsState = waitSeconds > 0;
  }

  /** Another poll would begin it again: so one whole state more than a full answer. */
  readonly takesWholeState = true;

  override get isWritable(): boolean {
    return this.#bytes < MAX_ANSWER_BYTES;
  }

  override get takesSignals(): boolean {
    return this.#bytes < MAX_BYTES_BEFORE_SIGNALS;
  }

  override get takesState(): boolean {
    if (!this.#holdsState) return this.isWritable;
    this.#stateTimer ??= this.services.clock.after(STATE_GATHER_MS, () => this.#releaseState());
    return false;
  }

  /** What changed meanwhile comes as one frame, the newest of each key. */
  #releaseState(): void {
    if (!this.#holdsState || !this.isOpen) return;
    this.#holdsState = false;
    this.session.takesState();
  }

  /** A signal is news: what comes between two polls is not heard, so the first one ends the wait, soon. */
  sendShared(frames: SharedFrames): void {
    if (!this.isOpen) return;
    this.#add(frames.bytesFor(LINES));
    if (frames.kind !== "signals") {
      for (const text of frames.texts) this.#progress.told(JSON.parse(text) as ServerFrame);
      return this.#look();
    }
    this.#signalTimer ??= this.services.clock.after(SIGNALS_GATHER_MS, () => {
      this.#progress.signalled();
      this.#look();
    });
  }

  /** Behind all else that it says. */
  goesOnFrom(room: string, mark: string): void {
    this.#add(frameLine(encodeSignalsFrame(room, [], mark)));
  }

  deliver(batch: EncodedBatch): boolean {
    if (!this.isOpen) return true;
    this.#add(batch.bytesFor(FRAME_LINES) as Buffer);
    this.#progress.delivered(batch.room, batch.last);
    // A message waits for no state.
    this.#releaseState();
    this.#look();
    if (!this.isWritable && !this.#isFull) {
      this.#isFull = true;
      this.services.counters.fullPolls += 1;
    }
    return this.isWritable;
  }

  /** Whoever still reads is told what there is. */
  override peerEnded(): void {
    this.#isOverdue = true;
    this.#look();
  }

  observe(): LifeObservation {
    // Before its answer nothing is sent and nothing can come; behind it only counts whether it is taken.
    return { ...this.writer.observe(), received: true, sent: true };
  }

  ping(): void {}

  /** The body has been read. */
  pauseReading(): void {}
  resumeReading(): void {}

  override gone(): void {
    super.gone();
    this.#stopTimer();
  }

  protected open(welcome: string): void {
    this.write(welcome);
    if (this.#waitSeconds > 0) this.#after(this.#waitSeconds, () => this.#overdue());
    else this.#after(MAX_WAIT_SECONDS, () => this.complete());
  }

  protected feed(): void {
    for (let line = this.nextLine(); line !== null && this.isOpen; line = this.nextLine()) this.take(line);
    this.tellOverflow();
    this.#isFed = true;
    this.#look();
  }

  protected override take(line: string, decoded = decodeClientFrame(line)): void {
    if (decoded.ok && decoded.frame.type === "subscribe") {
      const { room, state = false, presence = false } = decoded.frame;
      this.#progress.ask(room, state, presence);
      // Who has nothing yet is told what there is, and then of each change.
      if (state === true) this.#holdsState = false;
    }
    super.take(line, decoded);
  }

  protected write(text: string): void {
    this.#add(frameLine(text));
    this.#progress.told(JSON.parse(text) as ServerFrame);
    this.#look();
  }

  protected finish(): void {
    this.#stopTimer();
    // Nothing more is delivered: what comes now is for the next request.
    this.session.closed();
    this.response.writeHead(200, { ...NDJSON_HEADERS, "Content-Length": this.#bytes });
    for (const chunk of this.#chunks.splice(0)) this.writer.write(chunk);
    this.response.end();
  }

  #add(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
  }

  /** Ends it where it is time; what the same turn of the event loop still brings goes along. */
  #look(): void {
    if (this.#isEndScheduled || !this.#isFed || !this.#isTime()) return;
    this.#isEndScheduled = true;
    queueMicrotask(() => this.complete());
  }

  #isTime(): boolean {
    if (!this.isWritable && this.#progress.isAnswered) return true;
    return this.#progress.isCaughtUp && (this.#progress.hasNews || this.#isOverdue);
  }

  /** The wait is over; what was not caught up by then may still be, within the longest wait. */
  #overdue(): void {
    this.#isOverdue = true;
    this.#look();
    if (this.#isEndScheduled) return;
    this.#after(MAX_WAIT_SECONDS - this.#waitSeconds, () => this.complete());
  }

  #after(seconds: number, task: () => void): void {
    this.#timer = this.services.clock.after(seconds * 1_000, task);
  }

  #stopTimer(): void {
    for (const timer of [this.#timer, this.#signalTimer, this.#stateTimer]) {
      if (timer !== null) this.services.clock.cancel(timer);
    }
    this.#timer = null;
    this.#signalTimer = null;
    this.#stateTimer = null;
  }
}

function frameLine(text: string): Buffer {
  return Buffer.from(`${text}\n`, "utf8");
}
