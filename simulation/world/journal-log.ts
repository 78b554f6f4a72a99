import { CodedError, type Clock, type Random } from "@parlor/base";
import {
  isSideRoom,
  MemoryLog,
  type Append,
  type AppendResult,
  type LogStatus,
  type OwnWords,
  type Page,
  type ReadBounds,
  type RoomChange,
  type RoomHead,
  type RoomLog,
  type RoomSummary,
  type StoredMessage,
  type Tail,
  type TailEvent,
} from "@parlor/log";
import type { Position } from "@parlor/protocol";
import { randomInteger, type LogEvent } from "@parlor/testkit";
import { decodeRecords, encodeRecord } from "./journal.ts";
import { LossyTails } from "./lossy-tails.ts";
import { DiskError, type SimulatedDisk } from "./simulated-disk.ts";

type Operation =
  | { readonly kind: "append"; readonly append: Append }
  | { readonly kind: "delete"; readonly room: string }
  | { readonly kind: "trim"; readonly room: string; readonly before: number }
  | {
      readonly kind: "redact";
      readonly room: string;
      readonly offset: number;
      readonly own?: OwnWords | undefined;
    };

/** Stands in a journal that was restored from a backup: from then on its history is another one. */
interface NewEpoch {
  readonly epoch: string;
}

/** What was asked for in one commit, and when. */
interface Commit {
  readonly now: number;
  readonly operations: readonly Operation[];
}

/** A room that had something was deleted: the epoch that ended, and the how-manieth deletion of the log it is. */
export interface Deletion {
  readonly room: string;
  readonly epoch: string;
  readonly nth: number;
}

/** What was written to a side room in its present history. */
interface SideRecords {
  readonly epoch: string;
  readonly bodies: (string | null)[];
}

type OnDeleted = (deletion: Deletion) => void;

interface Waiting {
  readonly operation: Operation;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

const RETRY_FULL_MS = 1_000;
const EVERYTHING: ReadBounds = { maxMessages: Infinity, maxBytes: Infinity };

/**
 * A log on a simulated disk: the product's log in memory, and before each commit a journal record that is
 * synced. Whatever the disk keeps, opening it again replays the journal. It is slow, refuses, loses what its
 * tails would tell, and fails, as the port allows.
 */
export class JournalLog implements RoomLog {
  readonly canLag = false;
  readonly tails: LossyTails;
  /** Every read fails. */
  isUnreadable = false;
  status: LogStatus = { kind: "ready" };
  readonly #memory: MemoryLog;
  readonly #disk: SimulatedDisk;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #listeners = new Set<(status: LogStatus) => void>();
  readonly #heads = new Map<string, Position>();
  /** Bodies of the rooms that keep something beside others, such as their state. */
  readonly #sides = new Map<string, SideRecords>();
  readonly #onDeleted: OnDeleted;
  #deletions = 0;
  #now = 0;
  #waiting: Waiting[] = [];
  #isCommitting = false;
  /** A commit is written, and not synced yet. */
  isSyncing = false;

  private constructor(
    disk: SimulatedDisk,
    clock: Clock,
    random: Random,
    onDeleted: OnDeleted,
    epoch: string,
  ) {
    this.#disk = disk;
    this.#clock = clock;
    this.#random = random;
    this.#onDeleted = onDeleted;
    const replayed: Clock = {
      now: () => this.#now,
      monotonic: () => clock.monotonic(),
      after: () => ({ timer: null }),
      cancel() {},
    };
    this.#memory = new MemoryLog({ clock: replayed, epoch });
    this.tails = new LossyTails(this.#memory, clock, random);
  }

  /**
   * Opens what the disk has, and cuts off what is not whole.
   * @param onDeleted  Told of each deletion when it is done, and again, by its number, at each opening.
   */
  static open(disk: SimulatedDisk, clock: Clock, random: Random, onDeleted: OnDeleted): JournalLog {
    const { values, wholeBytes } = decodeRecords(disk.read());
    const records = values as readonly (Commit | NewEpoch)[];
    const epoch = records.findLast((record) => "epoch" in record)?.epoch ?? "simulated-1";
    const log = new JournalLog(disk, clock, random, onDeleted, epoch);
    disk.truncate(Math.max(wholeBytes, 0));
    for (const record of records) if (!("epoch" in record)) void Promise.all(log.#apply(record));
    return log;
  }

  /** Puts a backup in the place of the journal, as the command does: with an epoch of its own. */
  static restore(disk: SimulatedDisk, random: Random, backup: Buffer, epoch: string): void {
    disk.restore(backup);
    disk.write(encodeRecord({ epoch } satisfies NewEpoch), random);
    disk.sync(disk.length);
  }

  /** Deletes rooms while no server has the log open, as the command does. False where the disk takes nothing now. */
  static deleteRooms(disk: SimulatedDisk, clock: Clock, random: Random, rooms: readonly string[]): boolean {
    if (disk.isFull || disk.isBad) return false;
    disk.truncate(decodeRecords(disk.read()).wholeBytes);
    const operations = rooms.map((room) => ({ kind: "delete", room }) as const);
    disk.write(encodeRecord({ now: clock.now(), operations } satisfies Commit), random);
    disk.sync(disk.length);
    return true;
  }

  onStatus(listener: (status: LogStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  append(append: Append): Promise<AppendResult> {
    return this.#commit({ kind: "append", append }) as Promise<AppendResult>;
  }

  trim(room: string, before: number): Promise<number> {
    return this.#commit({ kind: "trim", room, before }) as Promise<number>;
  }

  redact(room: string, offset: number, own?: OwnWords): Promise<boolean> {
    return this.#commit({ kind: "redact", room, offset, own }) as Promise<boolean>;
  }

  delete(room: string): Promise<boolean> {
    return this.#commit({ kind: "delete", room }) as Promise<boolean>;
  }

  read(room: string, after: number, bounds: ReadBounds): Promise<Page> {
    return this.#slowly(() => this.#memory.read(room, after, bounds));
  }

  readBefore(room: string, before: number, bounds: ReadBounds): Promise<Page> {
    return this.#slowly(() => this.#memory.readBefore(room, before, bounds));
  }

  related(
    room: string,
    offsets: readonly number[],
    perMessage: number,
    bounds: ReadBounds,
  ): Promise<readonly StoredMessage[]> {
    return this.#slowly(() => this.#memory.related(room, offsets, perMessage, bounds));
  }

  head(room: string, newest?: number): Promise<RoomHead> {
    return this.#slowly(() => this.#memory.head(room, newest));
  }

  tail(room: string, listener: (event: TailEvent) => void): Promise<Tail> {
    return this.#slowly(() => this.tails.follow(room, listener));
  }

  watch(listener: (change: RoomChange) => void): Promise<Tail> {
    return this.#slowly(() => this.#memory.watch(listener));
  }

  rooms(afterName: string, limit: number): Promise<readonly RoomSummary[]> {
    return this.#memory.rooms(afterName, limit);
  }

  /** Where the room's newest message is, now; null where nothing was written since it was opened or deleted. */
  headOf(room: string): Position | null {
    return this.#heads.get(room) ?? null;
  }

  /** Rooms that have something, where each of them ends. */
  get ends(): ReadonlyMap<string, Position> {
    return this.#heads;
  }

  /** How many deletions its journal has. */
  get deletions(): number {
    return this.#deletions;
  }

  /** All that was written to a side room, now. */
  sideRecords(room: string): readonly (string | null)[] {
    return this.#sides.get(room)?.bodies ?? [];
  }

  /** All that it holds of a room, for the checker. */
  async contents(room: string): Promise<LogEvent> {
    const { epoch, earliest, messages } = await this.#memory.read(room, 0, EVERYTHING);
    const entries = messages.map(({ offset, producer, seq, bodyJson: body }) => ({
      offset,
      producer,
      seq,
      body,
    }));
    return { kind: "log", room, epoch, earliest, entries };
  }

  async close(): Promise<void> {
    this.#change({ kind: "closed" });
    await this.#memory.close();
  }

  /** The answer is of some moment between the question and its arrival. */
  #slowly<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    const beforeMs = randomInteger(this.#random, 1, 6);
    const afterMs = randomInteger(this.#random, 1, 6);
    return new Promise((resolve, reject) => {
      this.#clock.after(beforeMs, () => {
        const answer = this.isUnreadable ? Promise.reject(unavailable("it can't be read now")) : ask();
        answer.then(
          (value) => this.#clock.after(afterMs, () => resolve(value)),
          (error: unknown) => this.#clock.after(afterMs, () => reject(error as Error)),
        );
      });
    });
  }

  #commit(operation: Operation): Promise<unknown> {
    if (this.status.kind !== "ready") return Promise.reject(unavailable(`the log is ${this.status.kind}`));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ operation, resolve, reject });
      if (this.#isCommitting) return;
      this.#isCommitting = true;
      this.#clock.after(randomInteger(this.#random, 1, 4), () => this.#writeGroup());
    });
  }

  #writeGroup(): void {
    const group = this.#waiting;
    this.#waiting = [];
    const commit = { now: this.#clock.now(), operations: group.map(({ operation }) => operation) };
    const start = this.#disk.length;
    try {
      this.#disk.write(encodeRecord(commit), this.#random);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#disk.truncate(start);
      this.#refuse(group, { kind: "full", message: error.message });
      return this.#probe();
    }
    const end = this.#disk.length;
    this.isSyncing = true;
    this.#clock.after(randomInteger(this.#random, 1, 12), () => this.#syncGroup(group, commit, end));
  }

  #syncGroup(group: readonly Waiting[], commit: Commit, end: number): void {
    this.isSyncing = false;
    try {
      this.#disk.sync(end);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      // What the disk holds can't be vouched for any more.
      return this.#refuse(group, { kind: "failed", message: error.message });
    }
    this.#apply(commit).forEach((answer, index) => group[index]?.resolve(answer));
    if (this.#waiting.length > 0) this.#clock.after(1, () => this.#writeGroup());
    else this.#isCommitting = false;
  }

  /** The memory log does each at once, in order. */
  #apply({ now, operations }: Commit): Promise<unknown>[] {
    this.#now = now;
    return operations.map((operation) => {
      if (operation.kind === "append") return this.#append(operation.append);
      if (operation.kind === "delete") return this.#delete(operation.room);
      if (operation.kind === "trim") return this.#memory.trim(operation.room, operation.before);
      return this.#memory.redact(operation.room, operation.offset, operation.own);
    });
  }

  async #append(append: Append): Promise<AppendResult> {
    const result = await this.#memory.append(append);
    if (result.kind !== "appended") return result;
    const { room, bodyJson } = append;
    this.#heads.set(room, { epoch: result.epoch, offset: result.offset });
    if (!isSideRoom(room)) return result;
    const side = this.#sides.get(room);
    if (side?.epoch === result.epoch) side.bodies.push(bodyJson);
    else this.#sides.set(room, { epoch: result.epoch, bodies: [bodyJson] });
    return result;
  }

  async #delete(room: string): Promise<boolean> {
    // Of the moment of the deletion: one commit may hold messages before it, and others behind.
    const ending = this.#memory.head(room);
    const answer = await this.#memory.delete(room);
    const { epoch, head } = await ending;
    if (head === 0) return answer;
    if (this.#heads.get(room)?.epoch === epoch) this.#heads.delete(room);
    if (this.#sides.get(room)?.epoch === epoch) this.#sides.delete(room);
    this.#onDeleted({ room, epoch, nth: ++this.#deletions });
    return answer;
  }

  #refuse(group: readonly Waiting[], status: LogStatus & { readonly message: string }): void {
    this.#isCommitting = false;
    this.#change(status);
    for (const { reject } of [...group, ...this.#waiting]) reject(unavailable(status.message));
    this.#waiting = [];
  }

  /** Looks now and then whether there is room again. */
  #probe(): void {
    this.#clock.after(RETRY_FULL_MS, () => {
      if (this.#disk.isFull) this.#probe();
      else this.#change({ kind: "ready" });
    });
  }

  #change(status: LogStatus): void {
    if (this.status.kind === "failed" && status.kind !== "closed") return;
    this.status = status;
    for (const listener of this.#listeners) listener(status);
  }
}

function unavailable(message: string): CodedError {
  return new CodedError("unavailable", message);
}
