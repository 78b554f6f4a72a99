import { join } from "node:path";
import { CodedError, randomId, type TimerHandle } from "@parlor/base";
import { type LogOptions, type ResolvedLogOptions, resolveLogOptions } from "./log-options.ts";
import { makeFolder } from "./made-folder.ts";
import type {
  Append,
  AppendResult,
  LogStatus,
  OwnWords,
  Page,
  ReadBounds,
  RoomChange,
  RoomHead,
  RoomLog,
  RoomSummary,
  StoredMessage,
  Tail,
  TailEvent,
  TextPage,
  TextQuestion,
} from "./room-log.ts";
import { answerGroup } from "./sqlite/answer-group.ts";
import { packAppends } from "./sqlite/append-columns.ts";
import { AppendQueue, type WaitingAppend } from "./sqlite/append-queue.ts";
import { Calls } from "./sqlite/calls.ts";
import type { CheckpointMessage, CheckpointRequest } from "./sqlite/checkpoint-worker.ts";
import { FolderLock } from "./sqlite/folder-lock.ts";
import type { RoomEvent } from "./sqlite/forgetter.ts";
import { unpackMessages } from "./sqlite/page-columns.ts";
import type { ReadAnswer, ReaderMessage, ReaderRequest, ReadQuestion } from "./sqlite/reader-messages.ts";
import { Openings } from "./sqlite/openings.ts";
import type { StorageFault } from "./sqlite/storage-fault.ts";
import { WorkerLink } from "./sqlite/worker-link.ts";
import type { WriterMessage, WriterRequest } from "./sqlite/writer-messages.ts";
import { logIsClosed, StatusBoard, unavailable } from "./status-board.ts";
import { TailBoard } from "./tail-board.ts";

export interface SqliteLogOptions extends LogOptions {
  /** Where `parlor.db` is; made if missing. One log at a time may have it. */
  readonly folder: string;
  /** How often a log whose disk was full looks whether there is room again, in ms. @default 1_000 */
  readonly probeEveryMs?: number | undefined;
}

const DEFAULT_PROBE_EVERY_MS = 1_000;
/** Reads that may wait for the reader's thread; beyond it they are refused. */
const MAX_WAITING_READS = 10_000;

/**
 * The log in one SQLite file.
 *
 * This thread gathers appends, tells tails and fulfils promises. One thread writes and waits for the
 * disk, one reads, one copies the write-ahead log; so a stalled disk delays acknowledgements only.
 */
export class SqliteLog implements RoomLog {
  readonly canLag = false;
  readonly tellsFirst = true;
  readonly #options: ResolvedLogOptions;
  readonly #probeEveryMs: number;
  readonly #lock: FolderLock;
  readonly #status = new StatusBoard();
  readonly #board = new TailBoard();
  readonly #queue: AppendQueue;
  readonly #changes = new Calls();
  readonly #reads = new Calls();
  readonly #writer: WorkerLink<WriterRequest, WriterMessage>;
  readonly #reader: WorkerLink<ReaderRequest, ReaderMessage>;
  readonly #copier: WorkerLink<CheckpointRequest, CheckpointMessage>;
  readonly #openedAt: number;
  readonly #openings = new Openings();
  #epoch = "";
  #sweepTimer: TimerHandle | undefined;
  #probeTimer: TimerHandle | undefined;
  #readerIsDead = false;
  #closing: Promise<void> | undefined;

  private constructor(options: SqliteLogOptions, resolved: ResolvedLogOptions, lock: FolderLock) {
    this.#options = resolved;
    this.#probeEveryMs = options.probeEveryMs ?? DEFAULT_PROBE_EVERY_MS;
    this.#lock = lock;
    const { clock } = this.#options;
    this.#queue = new AppendQueue((group) => this.#sendGroup(group), clock);
    this.#openedAt = clock.now() - clock.monotonic();
    const onDeath = (thread: string) => (why: string) =>
      this.#fail(`the log's ${thread} thread died: ${why}`);
    const onReaderDeath = (why: string): void => {
      onDeath("reader")(why);
      this.#readerIsDead = true;
      this.#reads.failAll(this.#refusal());
    };
    this.#writer = new WorkerLink<WriterRequest, WriterMessage>(
      new URL("./sqlite/writer-worker.ts", import.meta.url),
      (message) => this.#onWriter(message),
      onDeath("writer"),
    );
    this.#reader = new WorkerLink<ReaderRequest, ReaderMessage>(
      new URL("./sqlite/reader-worker.ts", import.meta.url),
      (message) => this.#onReader(message),
      onReaderDeath,
    );
    this.#copier = new WorkerLink<CheckpointRequest, CheckpointMessage>(
      new URL("./sqlite/checkpoint-worker.ts", import.meta.url),
      (message) => this.#onCopier(message),
      onDeath("checkpoint"),
    );
  }

  /**
   * Opens the log in a folder, making what is missing and migrating what is older.
   *
   * @throws {CodedError}
   *   `log-in-use`    another process, or another log of this one, has the folder
   *   `log-not-ours`  `parlor.db` is something else; it is left as it is
   *   `log-too-new`   a later version of Parlor wrote it
   *   `log-unfinished` a copy into it has not ended
   *   `log-unsafe`    this SQLite does not take the settings that durability needs
   *   `unavailable`   the folder or file can't be read or written
   */
  static async open(options: SqliteLogOptions): Promise<SqliteLog> {
    const resolved = resolveLogOptions(options);
    const file = join(options.folder, "parlor.db");
    let lock: FolderLock;
    try {
      makeFolder(options.folder);
      lock = FolderLock.take(options.folder);
    } catch (error) {
      if (error instanceof CodedError) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw unavailable(`the log's folder ${options.folder} can't be used: ${why}`, error);
    }
    const log = new SqliteLog(options, resolved, lock);
    try {
      await log.#openFile(file);
      return log;
    } catch (error) {
      await log.#release("kill");
      throw error;
    }
  }

  get status(): LogStatus {
    return this.#status.status;
  }

  onStatus(listener: (status: LogStatus) => void): () => void {
    return this.#status.listen(listener);
  }

  append(append: Append): Promise<AppendResult> {
    const { status } = this;
    if (status.kind === "ready" && this.#closing === undefined) return this.#queue.add(append);
    return Promise.reject(this.#refusal());
  }

  async read(room: string, after: number, bounds: ReadBounds): Promise<Page> {
    return this.#page({ kind: "read", room, after, bounds });
  }

  async readBefore(room: string, before: number, bounds: ReadBounds): Promise<Page> {
    return this.#page({ kind: "read-before", room, before, bounds });
  }

  async readText(question: TextQuestion): Promise<TextPage> {
    return (await this.#ask("text", { kind: "text", question })).page;
  }

  async related(
    room: string,
    offsets: readonly number[],
    perMessage: number,
    bounds: ReadBounds,
  ): Promise<readonly StoredMessage[]> {
    const { messages } = await this.#ask("messages", { kind: "related", room, offsets, perMessage, bounds });
    return unpackMessages(messages);
  }

  async head(room: string, newest = 0): Promise<RoomHead> {
    return (await this.#ask("head", { kind: "head", room, newest })).head;
  }

  async tail(room: string, listener: (event: TailEvent) => void): Promise<Tail> {
    if (this.#closing !== undefined) throw logIsClosed();
    return this.#board.follow(room, listener);
  }

  async watch(listener: (change: RoomChange) => void): Promise<Tail> {
    if (this.#closing !== undefined) throw logIsClosed();
    return this.#board.watch(listener);
  }

  async trim(room: string, before: number): Promise<number> {
    return this.#change((id) => ({ kind: "trim", id, room, before }));
  }

  async redact(room: string, offset: number, own?: OwnWords): Promise<boolean> {
    return this.#change((id) => ({ kind: "redact", id, room, offset, own }));
  }

  async delete(room: string): Promise<boolean> {
    return this.#change((id) => ({ kind: "delete", id, room }));
  }

  async purge(): Promise<boolean> {
    return this.#change((id) => ({ kind: "purge", id }));
  }

  async rooms(afterName: string, limit: number): Promise<readonly RoomSummary[]> {
    return (await this.#ask("rooms", { kind: "rooms", afterName, limit })).rooms;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #openFile(file: string): Promise<void> {
    const { retention, producerRetentionMs } = this.#options;
    const writerIsOpen = this.#openings.wait("writer");
    this.#writer.post({ kind: "open", file, epoch: randomId(12), retention, producerRetentionMs });
    this.#epoch = await writerIsOpen;
    const othersAreOpen = Promise.all([this.#openings.wait("reader"), this.#openings.wait("copier")]);
    this.#reader.post({ kind: "open", file });
    this.#copier.post({ kind: "open", file });
    await othersAreOpen;
    this.#scheduleSweep();
  }

  #refusal(): Error {
    const { status } = this;
    if (this.#closing !== undefined || status.kind === "closed") return logIsClosed();
    return unavailable(status.kind === "ready" ? "the log can't serve this now" : status.message);
  }

  #sendGroup(group: readonly WaitingAppend[]): void {
    const appends = group.map(({ append }) => append);
    const columns = packAppends(appends, Math.floor(this.#options.clock.now()));
    this.#writer.post({ kind: "append", columns }, [columns.numbers.buffer]);
  }

  #change<Value>(request: (id: number) => WriterRequest): Promise<Value> {
    const { kind } = this.status;
    if (this.#closing !== undefined || kind === "failed" || kind === "closed") {
      return Promise.reject(this.#refusal());
    }
    this.#queue.flushAll();
    return this.#changes.start((id) => this.#writer.post(request(id)));
  }

  async #ask<Kind extends ReadAnswer["kind"]>(
    kind: Kind,
    question: ReadQuestion,
  ): Promise<Extract<ReadAnswer, { kind: Kind }>> {
    if (this.#closing !== undefined || this.#readerIsDead) throw this.#refusal();
    if (this.#reads.count >= MAX_WAITING_READS)
      throw unavailable("too many reads wait for the disk; try again");
    const answer = await this.#reads.start<ReadAnswer>((id) =>
      this.#reader.post({ kind: "ask", id, question }),
    );
    if (answer.kind !== kind) throw new Error(`the reader answered ${question.kind} with ${answer.kind}`);
    return answer as Extract<ReadAnswer, { kind: Kind }>;
  }

  async #page(question: ReadQuestion): Promise<Page> {
    const { page } = await this.#ask("page", question);
    return { ...page, messages: unpackMessages(page.messages) };
  }

  #onWriter(message: WriterMessage): void {
    switch (message.kind) {
      case "opened":
        return this.#openings.opened("writer", message.epoch);
      case "not-opened":
        return this.#openings.notOpened("writer", message.fault);
      case "appended":
        return this.#onAppended(message);
      case "not-appended": {
        const error = unavailable(message.fault.message);
        const group = this.#queue.takeAnswered();
        this.#onFault(message.fault);
        for (const { reject } of group) reject(error);
        return;
      }
      case "done":
        return this.#changes.fulfil(message.id, message.value);
      case "not-done":
        this.#onFault(message.fault);
        return this.#changes.fail(message.id, unavailable(message.fault.message));
      case "events":
        return this.#onEvents(message.events);
      case "fault":
        return this.#onFault(message.fault);
      case "has-room":
        return this.#status.change({ kind: "ready" });
      case "checkpoint-due":
        return this.#copier.post({ kind: "copy" });
    }
  }

  #onAppended(message: Extract<WriterMessage, { kind: "appended" }>): void {
    // Once failed, nothing is acknowledged any more; the promises were rejected then.
    if (this.status.kind === "failed") return;
    answerGroup(this.#queue.takeAnswered(), message, this.#epoch, this.#board);
  }

  #onEvents(events: readonly RoomEvent[]): void {
    for (const { room, event } of events) this.#board.tell(room, event);
  }

  #onReader(message: ReaderMessage): void {
    switch (message.kind) {
      case "opened":
        return this.#openings.opened("reader");
      case "not-opened":
        return this.#openings.notOpened("reader", message.fault);
      case "done":
        return this.#reads.fulfil(message.id, message.value);
      case "not-done":
        // Intentionally no change of status: what is stored next does not depend on what can't be read.
        return this.#reads.fail(message.id, unavailable(message.fault.message));
    }
  }

  #onCopier(message: CheckpointMessage): void {
    switch (message.kind) {
      case "opened":
        return this.#openings.opened("copier");
      case "not-opened":
        return this.#openings.notOpened("copier", message.fault);
      case "fault":
        // Where there is no room to copy, the writer finds that out by itself as soon as it matters.
        if (message.fault.kind === "failed") this.#fail(message.fault.message);
        return;
    }
  }

  #onFault({ kind, message }: StorageFault): void {
    if (kind === "failed") this.#fail(message);
    if (kind !== "full" || this.status.kind !== "ready") return;
    this.#status.change({ kind: "full", message });
    this.#scheduleProbe();
  }

  /** For good: in this process nothing is appended any more. */
  #fail(message: string): void {
    this.#status.change({ kind: "failed", message });
    const error = unavailable(message);
    this.#openings.failAll(error);
    for (const { reject } of this.#queue.takeAll()) reject(error);
    this.#changes.failAll(error);
  }

  #scheduleProbe(): void {
    this.#probeTimer = this.#options.clock.after(this.#probeEveryMs, () => {
      if (this.status.kind !== "full") return;
      this.#writer.post({ kind: "probe" });
      this.#scheduleProbe();
    });
  }

  #scheduleSweep(): void {
    const { clock, sweepEveryMs, producerRetentionMs } = this.#options;
    this.#sweepTimer = clock.after(sweepEveryMs, () => {
      const now = clock.now();
      // A wall clock that jumps ahead must not make producers old at once: within this process no more
      // time counts than has passed.
      const passed = Math.min(now, this.#openedAt + clock.monotonic());
      this.#writer.post({ kind: "sweep", now, producersUsedBefore: passed - producerRetentionMs });
      this.#scheduleSweep();
    });
  }

  async #close(): Promise<void> {
    this.#queue.flushAll();
    await this.#release("end");
  }

  /** Lets go of threads, timers and the folder. A log that failed is not asked to write once more. */
  async #release(how: "end" | "kill"): Promise<void> {
    const { clock } = this.#options;
    if (this.#sweepTimer !== undefined) clock.cancel(this.#sweepTimer);
    if (this.#probeTimer !== undefined) clock.cancel(this.#probeTimer);
    const hasFailed = this.status.kind === "failed" || how === "kill";
    const threads = [this.#reader, this.#copier, this.#writer];
    // The writer last: the one that closes the file last also copies the write-ahead log into it.
    for (const thread of threads) {
      if (hasFailed) await thread.kill();
      else await thread.end({ kind: "close" });
    }
    this.#lock.release();
    const error = logIsClosed();
    this.#reads.failAll(error);
    this.#changes.failAll(error);
    for (const { reject } of this.#queue.takeAll()) reject(error);
    this.#status.change({ kind: "closed" });
    this.#board.clear();
  }
}
