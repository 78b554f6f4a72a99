import type { Clock, TimerHandle } from "@parlor/base";
import { unavailable } from "@parlor/log";
import type { Msg } from "@nats-io/transport-node";
import { catchUp, type PlacedRecord, type RecordReader } from "./catch-up.ts";
import type { RecordSource, SourcedRecord } from "./record-source.ts";
import { decodeRecord, encodeRecord, type RoomRecord } from "./record.ts";
import { RoomFold, type Step } from "./room-fold.ts";

/** What a feed needs of the cluster. */
export interface FeedSource extends RecordSource {
  /** The newest snapshot of the room. */
  snapshot(): Promise<RoomFold | null>;
  /** Removes snapshots that reach beyond a sequence: they are of records that the stream has lost. */
  forgetSnapshots(beyond: number): Promise<void>;
  /** Hears what the broker publishes again of the room's records, once the returned promise fulfils. */
  listen(listener: (message: Msg) => void): Promise<{ unsubscribe(): void }>;
}

export interface FeedListener {
  /** A record was folded. */
  onRecord(seq: number, record: RoomRecord | null, step: Step): void;
  /** The fold is another one: records in between could not be read, but what came of them. */
  onReload(fold: RoomFold): void;
  /** The stream has lost valid records; the fold is what is left. */
  onWentBack(fold: RoomFold): void;
}

interface Live {
  readonly seq: number;
  readonly precededBy: number;
  readonly data: Uint8Array;
}

/** Live records that may wait while older ones are read; what does not fit is read, too. */
const MAX_WAITING = 256;

/** After this long a room looks once more for what its subscription came too late for in other servers. */
const SETTLED_MS = 150;

/** A stream is only believed to have lost a record when no copy had it, so often and this far apart. */
const BACK_TIMES = 4;
const BACK_MS = 1_000;

/** How often a room is folded again for what copies of the stream do not agree on, and how many records are kept for that. */
const MAX_ANEW = 20;
const MAX_BELIEVED = 10_000;

/**
 * The records of one room, as they come: a snapshot, what follows it in the stream, and then what the broker
 * publishes again. That is best effort; each record names the room's one before it, so that a hole shows, and is
 * read from the stream.
 */
export class RoomFeed implements RecordReader {
  readonly #source: FeedSource;
  readonly #listener: FeedListener;
  readonly #clock: Clock;
  readonly #logEpoch: string;
  #fold: RoomFold;
  #waiting: Live[] = [];
  #heardSeq = 0;
  #filling: Promise<void> | null = null;
  #lookingBack: Promise<void> | null = null;
  #subscription: { unsubscribe(): void } | null = null;
  #settling: TimerHandle | null = null;
  /** Records that most copies of the stream have where the leader's has another. */
  readonly #believed = new Map<number, SourcedRecord>();
  readonly #copies: RecordSource;
  #isClosed = false;

  constructor(source: FeedSource, logEpoch: string, clock: Clock, listener: FeedListener) {
    this.#source = source;
    this.#listener = listener;
    this.#clock = clock;
    this.#logEpoch = logEpoch;
    this.#fold = new RoomFold(logEpoch);
    this.#copies = {
      head: () => source.head(),
      next: async (after) => this.#believedNext(after, await source.next(after)),
      named: (seq, id) => source.named(seq, id),
      commonestAt: (seq) => source.commonestAt(seq),
    };
  }

  get fold(): RoomFold {
    return this.#fold;
  }

  get seenSeq(): number {
    return this.#fold.seenSeq;
  }

  get lastSeq(): number {
    return this.#fold.lastSeq;
  }

  get lastId(): string {
    return this.#fold.lastId;
  }

  /** Fulfils when the room is known up to a head that the stream's leader had after the call. */
  async open(): Promise<void> {
    // Before anything is folded, live records only wait.
    const opened = Promise.withResolvers<void>();
    this.#filling = opened.promise;
    try {
      this.#subscription = await this.#source.listen((message) => this.#onLive(message));
      if (this.#isClosed) return this.#subscription.unsubscribe();
      this.#fold = (await this.#source.snapshot()) ?? this.#fold;
      await this.#catchUp();
      await this.#checkLast();
    } finally {
      this.#filling = null;
      opened.resolve();
    }
    this.#goOn();
    this.#settling = this.#clock.after(SETTLED_MS, () => {
      // Where it fails, the slow sweep looks again.
      this.check().catch(() => undefined);
    });
  }

  /** Reads on to the head that the leader has now, whatever was heard. */
  async check(): Promise<void> {
    // What is heard while the leader is asked is no sign that it knows less.
    const { lastSeq } = this.#fold;
    const head = await this.#source.head();
    if ((head ?? 0) < lastSeq) await (this.#lookingBack ??= this.#lookBack());
    else await this.#fill(head ?? 0);
  }

  /** A leader that has been deposed, and one that is new, may know less for a moment. */
  async #lookBack(): Promise<void> {
    try {
      for (let i = 1; i < BACK_TIMES; i++) {
        await new Promise<void>((resolve) => void this.#clock.after(BACK_MS, resolve));
        if (this.#isClosed || !(await this.#isLost())) return;
      }
      await this.#filling;
      if (!(await this.#isLost())) return;
      const head = await this.#source.head();
      await this.#source.forgetSnapshots(head ?? 0);
      this.#fold = (await this.#source.snapshot()) ?? new RoomFold(this.#logEpoch);
      this.#heardSeq = 0;
      await this.#fill(head ?? Infinity);
      this.#listener.onWentBack(this.#fold);
    } finally {
      this.#lookingBack = null;
    }
  }

  /** Whether no copy of the stream has the last record any more. */
  async #isLost(): Promise<boolean> {
    const { lastSeq, lastId } = this.#fold;
    return (await this.#source.named(lastSeq, lastId)) === null && this.#fold.lastSeq === lastSeq;
  }

  /**
   * Sees to it that the record at `seq` is seen.
   * @throws {CodedError} `unavailable`: nobody who was asked has it
   */
  async see(seq: number): Promise<void> {
    await this.#fill(seq);
    if (this.seenSeq < seq && !this.#isClosed)
      throw unavailable("a record was not found where it was stored");
  }

  close(): void {
    this.#isClosed = true;
    this.#subscription?.unsubscribe();
    if (this.#settling !== null) this.#clock.cancel(this.#settling);
  }

  take(seq: number, record: RoomRecord | null, isWhole: boolean, precededBy?: number): "taken" | "hole" {
    // Seen before, and not void for that: it is no business of the listener's.
    if (seq <= this.seenSeq) return "taken";
    const step = this.#fold.step(seq, record, precededBy, isWhole);
    if (step.kind === "hole") return "hole";
    this.#listener.onRecord(seq, record, step);
    return "taken";
  }

  mend({ seq, record }: PlacedRecord): void {
    const step = this.#fold.mend(seq, record);
    if (step.kind === "valid") this.#listener.onRecord(seq, record, step);
  }

  #believedNext(after: number, found: SourcedRecord | null): SourcedRecord | null {
    let next = found;
    for (const each of this.#believed.values()) {
      if (each.seq > after && each.seq <= (next?.seq ?? Infinity)) next = each;
    }
    return next;
  }

  #onLive(message: Msg): void {
    const seq = Number(message.headers?.get("Nats-Sequence"));
    const precededBy = Number(message.headers?.get("Nats-Last-Sequence"));
    if (this.#isClosed || !Number.isSafeInteger(seq) || seq <= this.seenSeq) return;
    this.#heardSeq = Math.max(this.#heardSeq, seq);
    const live = { seq, precededBy, data: message.data };
    if (this.#filling !== null) {
      if (this.#waiting.length < MAX_WAITING) this.#waiting.push(live);
      return;
    }
    if (!this.#takeLive(live)) this.#fillQuietly(seq);
  }

  #takeLive({ seq, precededBy, data }: Live): boolean {
    return this.take(seq, decodeRecord(data), false, precededBy) === "taken";
  }

  /** Reads up to `seq`, one reading at a time; not so far where nobody who is asked has more. */
  async #fill(seq: number): Promise<void> {
    while (this.seenSeq < seq && !this.#isClosed) {
      if (this.#filling === null) {
        const before = this.seenSeq;
        this.#filling = this.#catchUp(seq).finally(() => {
          this.#filling = null;
        });
        await this.#filling;
        const isStuck = this.seenSeq === before;
        // What was heard of is heard of again by the next record, or found by the slow sweep.
        if (isStuck) this.#heardSeq = before;
        this.#goOn();
        if (isStuck) return;
      } else {
        await this.#filling;
      }
    }
  }

  #fillQuietly(seq: number): void {
    // Where it fails, the next record shows the hole again, and the slow sweep looks, too.
    this.#fill(seq).catch(() => undefined);
  }

  async #catchUp(until?: number): Promise<void> {
    let hasRestored = false;
    let isWhole = false;
    let timesAnew = 0;
    for (;;) {
      const read = await catchUp(this.#copies, this, { until, isWhole });
      if (read.kind === "misled") {
        timesAnew += 1;
        if (timesAnew > MAX_ANEW) throw unavailable("the copies of a stream differ too much to be read");
        await this.#beginAnew(read.by);
      } else if (read.kind === "purged") {
        isWhole = hasRestored;
        if (!hasRestored) await this.#restore();
        hasRestored = true;
      } else {
        if (timesAnew > 0) this.#listener.onReload(this.#fold);
        return;
      }
    }
  }

  async #restore(): Promise<void> {
    const found = await this.#source.snapshot();
    if (found === null || found.seenSeq <= this.#fold.lastSeq) return;
    this.#fold = found;
    this.#listener.onReload(found);
  }

  /** One copy of the stream was believed that most others belie: the room is folded again, with what those have. */
  async #beginAnew(by: readonly PlacedRecord[]): Promise<void> {
    if (this.#believed.size > MAX_BELIEVED) this.#believed.clear();
    for (const { seq, record } of by) this.#believed.set(seq, { seq, data: encodeRecord(record) });
    this.#fold = (await this.#source.snapshot()) ?? new RoomFold(this.#logEpoch);
  }

  /** Behind the last record there is none that says whether it was read right. */
  async #checkLast(): Promise<void> {
    const { lastSeq: seq, lastId } = this.#fold;
    const id = seq === 0 ? lastId : await this.#source.commonestAt(seq);
    const record = id === null || id === lastId ? null : await this.#source.named(seq, id);
    if (record === null) return;
    await this.#beginAnew([{ seq, record }]);
    await this.#catchUp();
  }

  /** Takes what was heard while older records were read. */
  #goOn(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const live of waiting) {
      if (!this.#takeLive(live)) break;
    }
    if (this.#heardSeq > this.seenSeq) this.#fillQuietly(this.#heardSeq);
  }
}
