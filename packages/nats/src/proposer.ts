import { type Clock, randomId, RingBuffer, type TimerHandle, type TokenBucket } from "@parlor/base";
import { type Append, type AppendResult, unavailable } from "@parlor/log";
import { decideBatch, type Draft } from "./decide-batch.ts";
import { encodeRecord, type RoomRecord } from "./record.ts";
import type { RoomFold } from "./room-fold.ts";

/** What a proposer needs of its room. */
export interface ProposedRoom {
  readonly fold: RoomFold;
  /** Fulfils when the room is known; at once where it is. */
  ready(): Promise<void>;
  /** Reads on to the head that the stream's leader has. */
  check(): Promise<void>;
  /** Sees to it that the record at `seq` is seen. */
  see(seq: number): Promise<void>;
  /** Stores a record at the room's end, whatever is there; its sequence. */
  publish(bytes: Uint8Array, timeoutMs: number): Promise<number>;
  /** What to answer where publishing fails for good. */
  refusal(error: unknown): Error;
  /** Whether the streams may be others than they were. */
  isUnsure(): boolean;
  /** Fulfils where the streams are those of the log that this node began with, and not of one that was made since. */
  confirm(): Promise<void>;
}

export interface ProposerOptions {
  readonly clock: Clock;
  readonly producerRetentionMs: number;
  /** How long an append may take before it is refused, in ms. */
  readonly appendTimeoutMs: number;
  /** Of all rooms together: records that hold nothing but that somebody was refused. */
  readonly refusals: TokenBucket;
}

/** A change that is not an append: what to propose for the room as it is then, or null where nothing is to be. */
export interface Change<T> {
  readonly draft: Draft | null;
  readonly result: T;
}

interface Waiting {
  readonly deadlineMs: number;
  readonly append: Append | null;
  readonly change: ((fold: RoomFold) => Change<unknown>) | null;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  isSettled: boolean;
}

interface InFlight {
  readonly id: string;
  readonly prev: number;
  readonly decided: (outcome: "valid" | "void" | "lost-sight") => void;
}

const MAX_BATCH_MESSAGES = 1_000;
const MAX_BATCH_BYTES = 400_000;
const TRY_MS = 1_000;
const TRY_AGAIN_MS = 100;
const LOOK_MS = 250;
/** How long the broker may take to tell of a record that it acknowledged, before it is read. */
const TELL_MS = 15;

/**
 * Proposes what is to happen in one room: one record at a time, and what is asked meanwhile gathers for the next.
 *
 * The broker's acknowledgement decides nothing. A proposal is decided once the fold has gone on from the record
 * that it follows: if by itself, it is valid; if by another, it is void for ever, and is decided anew.
 */
export class Proposer {
  readonly #room: ProposedRoom;
  readonly #options: ProposerOptions;
  #queue = new RingBuffer<Waiting>();
  /** What was taken from the queue and is not decided, in order. */
  #batch: Waiting[] = [];
  #inFlight: InFlight | null = null;
  #running: Promise<void> | null = null;
  #watch: TimerHandle | null = null;
  /** A record was seen valid here that may be void for all others. */
  #isToConfirm = false;

  constructor(room: ProposedRoom, options: ProposerOptions) {
    this.#room = room;
    this.#options = options;
  }

  get isBusy(): boolean {
    return this.#running !== null;
  }

  /** @param deadlineMs  On the monotonic clock, where others had it in hand before. @default as long as it may take */
  append(append: Append, deadlineMs = this.deadlineMs): Promise<AppendResult> {
    return this.#enqueue(append, null, deadlineMs) as Promise<AppendResult>;
  }

  change<T>(change: (fold: RoomFold) => Change<T>): Promise<T> {
    return this.#enqueue(null, change, this.deadlineMs) as Promise<T>;
  }

  /** When what is asked for now is refused. */
  get deadlineMs(): number {
    return this.#options.clock.monotonic() + this.#options.appendTimeoutMs;
  }

  /** Fulfils when nothing is asked for any more. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /** A record was folded. */
  onFold(record: RoomRecord | null): void {
    const flight = this.#inFlight;
    if (flight === null || this.#room.fold.lastSeq === flight.prev) return;
    this.#decide(record?.id === flight.id ? "valid" : "void");
  }

  /** The fold went on without the records in between. */
  onReload(): void {
    this.#decide("lost-sight");
  }

  #decide(outcome: "valid" | "void" | "lost-sight"): void {
    const flight = this.#inFlight;
    this.#inFlight = null;
    flight?.decided(outcome);
  }

  #enqueue(append: Append | null, change: Waiting["change"], deadlineMs: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ deadlineMs, append, change, resolve, reject, isSettled: false });
      // Behind this turn, so that what it asks for goes together.
      this.#running ??= Promise.resolve().then(() => this.#run());
    });
  }

  async #run(): Promise<void> {
    this.#watch = this.#watchDeadlines();
    try {
      while (this.#batch.length > 0 || this.#queue.length > 0) await this.#once();
    } finally {
      this.#options.clock.cancel(this.#watch);
      this.#running = null;
    }
  }

  async #once(): Promise<void> {
    this.#batch = this.#batch.filter((waiting) => !waiting.isSettled);
    if (this.#batch.length === 0) this.#batch = this.#takeBatch();
    if (this.#batch.length === 0) return;
    try {
      await this.#room.ready();
      await this.#decideBatch();
    } catch (error) {
      this.#refuse(this.#batch, this.#room.refusal(error));
    }
  }

  async #decideBatch(): Promise<void> {
    const batch = this.#batch;
    let { draft, results, needsHead } = this.#decided(batch);
    if (needsHead) {
      await this.#room.check();
      ({ draft, results, needsHead } = this.#decided(batch));
    }
    if (draft !== null) {
      const isFirst = this.#room.fold.lastSeq === 0;
      const outcome = await this.#propose(draft, batch);
      if (outcome === "lost-sight") this.#refuseUnconditional(batch);
      if (outcome !== "valid") return;
      // What a record follows names the log's history, but for a room's first.
      this.#isToConfirm ||= isFirst || this.#room.isUnsure();
    }
    if (this.#isToConfirm) await this.#room.confirm();
    this.#isToConfirm = false;
    for (const [i, waiting] of batch.entries()) this.#settle(waiting, () => waiting.resolve(results[i]));
    this.#batch = [];
  }

  #decided(batch: readonly Waiting[]): {
    draft: Draft | null;
    results: readonly unknown[];
    needsHead: boolean;
  } {
    const { fold } = this.#room;
    const change = batch[0]?.change ?? null;
    const now = this.#options.clock.now();
    if (change !== null) {
      const { draft, result } = change(fold);
      return { draft, results: [result], needsHead: false };
    }
    const appends = batch.flatMap(({ append }) => (append === null ? [] : [append]));
    const { clock, producerRetentionMs, refusals } = this.#options;
    return decideBatch(fold, appends, now, producerRetentionMs, () => refusals.take(clock.monotonic()));
  }

  async #propose(draft: Draft, batch: readonly Waiting[]): Promise<"valid" | "void" | "lost-sight"> {
    const { fold } = this.#room;
    const { epoch, lastSeq: prev, lastId: prevId } = fold;
    const record: RoomRecord = { id: randomId(12), epoch, prev, prevId, base: fold.index.head, ...draft };
    const bytes = encodeRecord(record);
    const { promise, resolve } = Promise.withResolvers<"valid" | "void" | "lost-sight">();
    this.#inFlight = { id: record.id, prev, decided: resolve };
    const outcome = await Promise.race([promise, this.#publish(bytes, record.id, batch)]);
    return outcome;
  }

  /** Until it is decided, or nobody waits any more. The copies that this makes are void but for one, at most. */
  async #publish(bytes: Uint8Array, id: string, batch: readonly Waiting[]): Promise<"void"> {
    const isOpen = (): boolean => this.#inFlight?.id === id;
    while (isOpen() && batch.some(({ isSettled }) => !isSettled)) {
      try {
        const seq = await this.#room.publish(bytes, TRY_MS);
        if (isOpen() && this.#room.fold.seenSeq < seq) await this.#pause(TELL_MS);
        if (isOpen()) await this.#room.see(seq);
        // The broker counts anew: it may have lost what was seen.
        if (isOpen() && seq <= this.#room.fold.seenSeq) await this.#room.check();
        if (isOpen()) await this.#pause(TRY_AGAIN_MS);
      } catch (error) {
        if (isFinal(error)) {
          this.#refuse(batch, this.#room.refusal(error));
          break;
        }
        await this.#pause(TRY_AGAIN_MS);
      }
    }
    if (isOpen()) this.#inFlight = null;
    return "void";
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#options.clock.after(ms, resolve));
  }

  /** Appends of one record, or one change. */
  #takeBatch(): Waiting[] {
    const batch: Waiting[] = [];
    let bytes = 0;
    for (;;) {
      const next = this.#queue.at(0);
      if (next === undefined || (next.change !== null && batch.length > 0)) break;
      const size = next.append === null ? 0 : Buffer.byteLength(next.append.bodyJson);
      if (batch.length > 0 && (batch.length >= MAX_BATCH_MESSAGES || bytes + size > MAX_BATCH_BYTES)) break;
      this.#queue.shift();
      if (next.isSettled) continue;
      batch.push(next);
      bytes += size;
      if (next.change !== null) break;
    }
    return batch;
  }

  /** Of appends without a memory nobody can tell whether they were made. */
  #refuseUnconditional(batch: readonly Waiting[]): void {
    const blind = batch.filter(({ append }) => append?.remember === false);
    this.#refuse(blind, unavailable("the cluster lost sight of an append; it may have been made"));
  }

  #watchDeadlines(): TimerHandle {
    const first = this.#batch.find(({ isSettled }) => !isSettled) ?? this.#queue.at(0);
    const leftMs = (first?.deadlineMs ?? Infinity) - this.#options.clock.monotonic();
    return this.#options.clock.after(Math.min(LOOK_MS, Math.max(1, leftMs)), () => {
      const now = this.#options.clock.monotonic();
      const late: Waiting[] = this.#batch.filter(({ deadlineMs }) => deadlineMs <= now);
      for (let i = 0; i < this.#queue.length; i++) {
        const waiting = this.#queue.at(i);
        if (waiting === undefined || waiting.deadlineMs > now) break;
        late.push(waiting);
      }
      const { appendTimeoutMs } = this.#options;
      this.#refuse(
        late,
        unavailable(`the NATS cluster did not take it within ${appendTimeoutMs} ms; it may have`),
      );
      this.#watch = this.#watchDeadlines();
    });
  }

  #refuse(waitings: readonly Waiting[], error: Error): void {
    for (const waiting of waitings) this.#settle(waiting, () => waiting.reject(error));
  }

  #settle(waiting: Waiting, settle: () => void): void {
    if (waiting.isSettled) return;
    waiting.isSettled = true;
    settle();
  }
}

/** Whether trying again is of no use. */
function isFinal(error: unknown): boolean {
  return error instanceof Error && error.name === "StreamIsFull";
}
