import { type Clock, randomId, type TokenBucket } from "@parlor/base";
import type { Append, AppendResult, RoomHead, RoomSummary, TailEvent } from "@parlor/log";
import { type Forwarded, Forwarder } from "./forwarder.ts";
import { Proposer } from "./proposer.ts";
import { RoomEraser } from "./room-eraser.ts";
import { RoomFeed } from "./room-feed.ts";
import { type FetchRecord, RoomReader } from "./room-reader.ts";
import { type RoomFold, storedMessages } from "./room-fold.ts";
import { RoomSource } from "./room-source.ts";
import type { RecordCache } from "./record-cache.ts";
import type { RoomRecord } from "./record.ts";
import type { NatsLink } from "./nats-link.ts";
import { storeSnapshot } from "./snapshots.ts";
import type { RoomSubjects } from "./subjects.ts";

/** What a room shares with all others of its log. */
export interface RoomSurroundings {
  readonly link: NatsLink;
  readonly sideStream: string;
  readonly logEpoch: string;
  readonly clock: Clock;
  readonly cache: RecordCache;
  readonly producerRetentionMs: number;
  readonly appendTimeoutMs: number;
  readonly refusals: TokenBucket;
  /** The node that should write to a room; null where it is this one. */
  writerOf(room: string): string | null;
  /** Has another node append. */
  forward(node: string, appends: readonly Append[]): Promise<Forwarded>;
  refusal(error: unknown): Error;
  /** Whether the streams may be others than they were. */
  isUnsure(): boolean;
  /** Fulfils where the cluster says, behind this call, that it holds the log that this node began with. */
  confirm(): Promise<void>;
  /** The record at `seq` of a stream was seen. */
  heard(stream: string, seq: number): void;
  /** Something happened in the room, told in order. */
  tell(room: string, event: TailEvent): void;
}

/** A snapshot is stored once this many records and a quarter of the room's were folded since the last. */
const SNAPSHOT_RECORDS = 256;
/** Void records that are remembered until they are erased. */
const MAX_VOIDS = 10_000;
/** How long the broker may take to tell of a record that another node appended for this one. */
const TELL_MS = 15;

/** A room that this node knows and keeps up with. */
export class OpenRoom {
  readonly name: string;
  readonly feed: RoomFeed;
  readonly proposer: Proposer;
  readonly reader: RoomReader;
  readonly eraser: RoomEraser;
  /** Reads a record from the stream, or what replaced it. */
  readonly recordAt: FetchRecord;
  /** When it was used last, on the monotonic clock. */
  usedAt = 0;
  /** Listeners, and calls under way, for which it stays. */
  users = 0;
  readonly #around: RoomSurroundings;
  readonly #subjects: RoomSubjects;
  readonly #forwarder: Forwarder;
  readonly #opening: Promise<void>;
  #isReady = false;
  /** Events of records from this sequence on are told. */
  #tellFrom: number;
  #sinceSnapshot = 0;
  #snapshotting: Promise<unknown> | null = null;
  #erasing: Promise<void> = Promise.resolve();
  #forgetting: Promise<void> | null = null;
  #forgetAgain = false;
  /** Records that came to nothing and hold bodies all the same: copies, and what lost against another. */
  readonly #voids = new Map<number, string>();

  /** @param tellFrom  Tells of records from this sequence on while it opens; else of what comes afterwards. */
  constructor(name: string, subjects: RoomSubjects, around: RoomSurroundings, tellFrom = Infinity) {
    this.name = name;
    this.#around = around;
    this.#subjects = subjects;
    this.#tellFrom = tellFrom;
    const { link, sideStream, clock } = around;
    const source = new RoomSource(link, sideStream, subjects);
    this.feed = new RoomFeed(source, around.logEpoch, clock, {
      onRecord: (seq, record, step) => this.#onRecord(seq, record, step.kind === "valid" ? step.events : []),
      onReload: (fold) => this.#onReload(fold),
      onWentBack: (fold) => this.#onWentBack(fold),
    });
    const room = {
      feed: this.feed,
      get fold(): RoomFold {
        return this.feed.fold;
      },
      ready: () => this.ready(),
      check: () => this.feed.check(),
      see: (seq: number) => this.feed.see(seq),
      publish: (bytes: Uint8Array, timeoutMs: number) => link.publish(subjects.records, bytes, timeoutMs),
      refusal: (error: unknown) => around.refusal(error),
      isUnsure: () => around.isUnsure(),
      confirm: () => around.confirm(),
    };
    this.proposer = new Proposer(room, around);
    const { proposer } = this;
    this.#forwarder = new Forwarder({
      get deadlineMs(): number {
        return proposer.deadlineMs;
      },
      writer: () => around.writerOf(name),
      forward: (node, appends) => around.forward(node, appends),
      append: (append, deadlineMs) => proposer.append(append, deadlineMs),
      idle: () => this.proposer.idle(),
      see: (seq) => this.#seeSoon(seq),
    });
    this.recordAt = (seq, isRight) => source.record(seq, isRight);
    this.reader = new RoomReader(subjects.stream, around.cache, this.recordAt, () => this.feed.check());
    this.eraser = new RoomEraser(link, sideStream, subjects, () => this.feed.fold);
    this.#opening = this.#open();
    // Whoever uses the room is told.
    this.#opening.catch(() => undefined);
  }

  get fold(): RoomFold {
    return this.feed.fold;
  }

  get stream(): string {
    return this.#subjects.stream;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  ready(): Promise<void> {
    return this.#opening;
  }

  /** By the node that writes to the room, where there is another, or by this one; in the order of the calls. */
  append(append: Append): Promise<AppendResult> {
    const isOwn = !this.#forwarder.isBusy && this.#around.writerOf(this.name) === null;
    return isOwn ? this.proposer.append(append) : this.#forwarder.append(append);
  }

  headOf(newest: number): RoomHead {
    const { epoch, index } = this.fold;
    const { head, earliest } = index;
    return { epoch, head, earliest, after: Math.max(earliest - 1, head - newest) };
  }

  /**
   * Sees all that was acknowledged anywhere before the call. A leader that was cut off may believe for seconds that it
   * leads and not know of it, so a record of nothing has to go in behind.
   */
  async sync(): Promise<void> {
    await this.feed.check();
    if (this.fold.lastSeq === 0) return;
    await this.proposer.change((fold) => {
      const at = Math.max(this.#around.clock.now(), fold.lastAt);
      return { draft: { at, messages: [] }, result: undefined };
    });
  }

  summary(): RoomSummary {
    const { epoch, lastAt, index } = this.fold;
    const { head, earliest, bytes } = index;
    return { room: this.name, epoch, head, earliest, messages: head - earliest + 1, bytes, lastAt };
  }

  /** Stores the room as it is now, so that it can be opened without its older records. */
  async storeSnapshot(): Promise<boolean> {
    const { link, sideStream } = this.#around;
    this.#sinceSnapshot = 0;
    return await storeSnapshot(link, sideStream, this.#subjects, this.fold.snapshot());
  }

  /** Forgets the messages before an offset; the new `earliest`. */
  async trim(before: number): Promise<number> {
    const { earliest, isTrimmed } = await this.proposer.change(({ index }) => {
      const target = Math.min(before, index.head + 1);
      if (!(target > index.earliest))
        return { draft: null, result: { earliest: index.earliest, isTrimmed: false } };
      const draft = { at: this.#around.clock.now(), messages: [], trim: target };
      return { draft, result: { earliest: target, isTrimmed: true } };
    });
    if (isTrimmed) void this.#forgetSoon();
    return earliest;
  }

  async delete(): Promise<boolean> {
    const isDeleted = await this.proposer.change(({ index }) => {
      const isThere = index.head > 0;
      const draft = { at: this.#around.clock.now(), messages: [], isDelete: true as const };
      return { draft: isThere ? draft : null, result: isThere };
    });
    if (isDeleted) await this.#forgetSoon();
    return isDeleted;
  }

  /** Removes from the stream the records that nobody needs any more: those of forgotten messages. */
  async forgetRecords(): Promise<void> {
    const { link, sideStream } = this.#around;
    const { stream, records, patches } = this.#subjects;
    const { firstSeq, lastSeq, patched } = this.fold;
    const before = Math.min(firstSeq ?? Infinity, lastSeq);
    if (!(await this.storeSnapshot())) return;
    await link.purge(stream, records, before);
    const beside = await link.subjects(sideStream, `${patches}.*`);
    for (const subject of Object.keys(beside)) {
      const seq = Number(subject.slice(patches.length + 1));
      if (seq < before && !patched.has(seq)) await link.purge(sideStream, subject);
    }
  }

  /** Whether something is to be erased by this node without being asked. */
  get hasLeftovers(): boolean {
    if (this.fold.unerased.size > 0) return true;
    return this.#removable.length > 0 && this.#around.writerOf(this.name) === null;
  }

  /** Void records; the room's newest stays, for without it nats-server 2.9 finds none where it is asked for the newest. */
  get #removable(): readonly (readonly [seq: number, id: string])[] {
    return [...this.#voids].filter(([seq]) => seq < this.fold.lastSeq);
  }

  /** Takes from the disks what the fold says is erased, and notes that. */
  async eraseBodies(): Promise<void> {
    this.#erasing = this.#erasing.then(
      () => this.#eraseNow(),
      () => this.#eraseNow(),
    );
    await this.#erasing;
  }

  /** Fulfils when nothing that was asked for is under way. */
  async idle(): Promise<void> {
    await this.#forwarder.idle();
    await this.proposer.idle();
    await this.#forgetting;
    await this.#snapshotting;
  }

  close(): void {
    this.feed.close();
  }

  /** One forgetting at a time, and one more for what was forgotten meanwhile. */
  #forgetSoon(): Promise<void> {
    const begun = this.#forgetting;
    if (begun !== null) {
      this.#forgetAgain = true;
      return begun;
    }
    const forget = async (): Promise<void> => {
      do {
        this.#forgetAgain = false;
        // What fails stays in the stream until more is forgotten; nobody reads it.
        await this.forgetRecords().catch(() => undefined);
      } while (this.#forgetAgain);
      this.#forgetting = null;
    };
    this.#forgetting = forget();
    return this.#forgetting;
  }

  async #eraseNow(): Promise<void> {
    const voids = this.#removable;
    await this.eraser.eraseVoid(voids);
    for (const [seq] of voids) this.#voids.delete(seq);
    const seqs = [...this.fold.unerased];
    if (seqs.length === 0) return;
    await this.eraser.erase(seqs);
    await this.proposer.change((fold) => {
      const erased = seqs.filter((seq) => fold.unerased.has(seq));
      const draft = { at: this.#around.clock.now(), messages: [], erased };
      return { draft: erased.length === 0 ? null : draft, result: undefined };
    });
  }

  /** The broker tells of it any moment; where it does not, it is read. */
  async #seeSoon(seq: number): Promise<void> {
    if (this.fold.seenSeq < seq) {
      await new Promise<void>((resolve) => void this.#around.clock.after(TELL_MS, resolve));
    }
    await this.feed.see(seq);
  }

  async #open(): Promise<void> {
    await this.feed.open();
    this.#tellFrom = 0;
    this.#isReady = true;
  }

  #onRecord(seq: number, record: RoomRecord | null, events: readonly TailEvent[]): void {
    const { cache } = this.#around;
    this.#around.heard(this.#subjects.stream, seq);
    if (record !== null && events.some(({ kind }) => kind === "messages")) {
      cache.put(this.#subjects.stream, seq, storedMessages(record));
    }
    for (const erased of record?.redact === undefined ? [] : this.fold.unerased) {
      cache.drop(this.#subjects.stream, erased);
    }
    const isVoid = record !== null && this.fold.lastSeq !== seq;
    if (!isVoid) this.#voids.delete(seq);
    else if (record.messages.length > 0 && this.#voids.size < MAX_VOIDS) this.#voids.set(seq, record.id);
    if (seq >= this.#tellFrom) for (const event of events) this.#around.tell(this.name, event);
    this.proposer.onFold(record);
    this.#sinceSnapshot += 1;
    const due = Math.max(SNAPSHOT_RECORDS, this.fold.index.recordCount / 4);
    if (this.#isReady && this.#sinceSnapshot >= due) {
      // A snapshot that fails is one that is late.
      this.#snapshotting ??= this.storeSnapshot()
        .catch(() => undefined)
        .finally(() => (this.#snapshotting = null));
    }
  }

  /** Positions of before mean nothing any more: a new epoch says so, to every node and to who follows. */
  #onWentBack(fold: RoomFold): void {
    this.proposer.onReload();
    const { lastSeq } = fold;
    const restart = randomId(12);
    const restarting = this.proposer.change((now) => {
      // Another node was faster, or the records are there again.
      if (now.lastSeq !== lastSeq) return { draft: null, result: undefined };
      return { draft: { at: this.#around.clock.now(), messages: [], restart }, result: undefined };
    });
    // Where it fails, the room is found short the next time that it is looked at.
    restarting.catch(() => undefined);
  }

  #onReload(fold: RoomFold): void {
    this.proposer.onReload();
    if (this.#tellFrom === Infinity) return;
    const { epoch, index } = fold;
    this.#around.tell(this.name, { kind: "missed", epoch, head: index.head, earliest: index.earliest });
  }
}
