import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { CodedError, randomId } from "@parlor/base";
import { type BlobStore, type RoomLog, type StoredMessage, unavailable } from "@parlor/log";
import { FileLedger } from "./file-ledger.ts";
import type { LedgerCalls } from "./ledger.ts";
import { decodeLedgerRecord, type LedgerRecord } from "./ledger-record.ts";
import { SharedRun } from "./shared-run.ts";

const PAGE = { maxMessages: 1_000, maxBytes: 1_048_576 };
/** What SQLite says of a row that can't be: every copy of the ledger says the same. */
const CONSTRAINT = 19;

/** What came of a change at its place in the order of all. */
export type ChangeOutcome = { readonly value: unknown } | { readonly fault: unknown };
type Snapshot = Extract<LedgerRecord, { kind: "snapshot" }>;

/**
 * What the records of a ledger's room come to: a SQLite file of this process alone, to which they are applied in their
 * order. Where that file can't be gone on from (the room has another history, or its records are summed up further than
 * this process has come) it is begun anew, from the newest snapshot.
 */
export class LedgerReplica {
  readonly #log: Pick<RoomLog, "read">;
  readonly #room: string;
  readonly #store: BlobStore;
  readonly #folder: string;
  readonly #catchingUp = new SharedRun(() => this.#catchUp());
  /** Of changes that this process waits for. */
  readonly #outcomes = new Map<string, ChangeOutcome | null>();
  readonly #wanted: { readonly file: string; through: number }[] = [];
  #local: FileLedger | null = null;
  #path = "";
  #epoch: string | null = null;
  #applied = 0;
  /** The record that was applied last, where that was one of this history. */
  #last: StoredMessage | null = null;
  #snapshot: Snapshot | null = null;

  constructor(log: Pick<RoomLog, "read">, room: string, store: BlobStore, folder: string) {
    this.#log = log;
    this.#room = room;
    this.#store = store;
    this.#folder = folder;
  }

  /** What the records come to that were applied. @throws {CodedError} `unavailable` as long as nothing could be read */
  get calls(): LedgerCalls {
    if (this.#local === null) throw unavailable("the ledger of files could not be read so far");
    return this.#local.calls;
  }

  /** The snapshot that reaches furthest among those of the records that were applied. */
  get snapshot(): Snapshot | null {
    return this.#snapshot;
  }

  /** Fulfils when every record is applied that the log showed at the call. */
  catchUp(): Promise<void> {
    return this.#catchingUp.run();
  }

  /** Keeps what comes of a change until it is taken. */
  expect(id: string): void {
    this.#outcomes.set(id, null);
  }

  /** Null where it was not applied so far. */
  take(id: string): ChangeOutcome | null {
    const outcome = this.#outcomes.get(id) ?? null;
    this.#outcomes.delete(id);
    return outcome;
  }

  get expected(): number {
    return this.#outcomes.size;
  }

  /** Writes what the records come to into a file, and says up to which. */
  async writeTo(file: string): Promise<number> {
    const wanted = { file, through: 0 };
    this.#wanted.push(wanted);
    await this.catchUp();
    return wanted.through;
  }

  async close(): Promise<void> {
    await this.#catchingUp.idle();
    await this.#local?.close();
  }

  /** What is written is written between two records. */
  async #catchUp(): Promise<void> {
    await this.#applyAll();
    for (const wanted of this.#wanted.splice(0)) {
      wanted.through = this.#applied;
      await this.calls.snapshotTo(wanted.file);
    }
  }

  async #applyAll(): Promise<void> {
    for (;;) {
      const after = this.#last === null ? this.#applied : this.#last.offset - 1;
      const page = await this.#log.read(this.#room, after, PAGE);
      const [first] = page.messages;
      const isAnother = this.#last !== null && first !== undefined && !isSame(first, this.#last);
      const isBehind = page.earliest > this.#applied + 1;
      if (page.epoch !== this.#epoch || page.head < this.#applied || isAnother || isBehind) {
        await this.#begin(page.epoch);
        continue;
      }
      for (const message of page.messages) if (message.offset > this.#applied) await this.#apply(message);
      if (!page.more) return;
    }
  }

  async #apply(message: StoredMessage): Promise<void> {
    const record = decodeLedgerRecord(message.bodyJson);
    if (record?.kind === "change") {
      const outcome = await this.#outcomeOf(record);
      if (this.#outcomes.has(record.id)) this.#outcomes.set(record.id, outcome);
    } else if (record !== null && record.through > (this.#snapshot?.through ?? -1)) {
      // Who stood still while it summed up says so late: by then another one holds.
      this.#snapshot = record;
    }
    this.#applied = message.offset;
    this.#last = message;
  }

  async #outcomeOf({ method, args }: Extract<LedgerRecord, { kind: "change" }>): Promise<ChangeOutcome> {
    const change = this.calls[method] as (...args: readonly unknown[]) => Promise<unknown>;
    try {
      return { value: await change(...args) };
    } catch (fault) {
      if (isConstraint(fault)) return { fault };
      // This file can't be trusted to be what the records come to.
      this.#epoch = null;
      throw fault;
    }
  }

  /** From the newest snapshot that can be had, or from the first record. */
  async #begin(epoch: string): Promise<void> {
    const { earliest, snapshots } = await this.#snapshots();
    let begun: Snapshot | null = null;
    const path = join(this.#folder, `${randomId(12)}.db`);
    for (const snapshot of snapshots.reverse()) {
      if (snapshot.through + 1 < earliest || !(await this.#fetch(snapshot.blob, path))) continue;
      begun = snapshot;
      break;
    }
    if (begun === null && earliest > 1)
      throw unavailable("the newest snapshot of the ledger of files is not in the store");
    const local = await FileLedger.open(path, true);
    const [former, formerPath] = [this.#local, this.#path];
    this.#local = local;
    this.#path = path;
    this.#epoch = epoch;
    this.#applied = begun?.through ?? 0;
    this.#last = null;
    this.#snapshot = begun;
    await former?.close();
    if (formerPath !== "") await rm(formerPath, { force: true });
  }

  async #snapshots(): Promise<{ readonly earliest: number; readonly snapshots: Snapshot[] }> {
    const snapshots: Snapshot[] = [];
    for (let after = 0; ; ) {
      const page = await this.#log.read(this.#room, after, PAGE);
      for (const { offset, bodyJson } of page.messages) {
        const record = decodeLedgerRecord(bodyJson);
        if (record?.kind === "snapshot") snapshots.push(record);
        after = offset;
      }
      if (!page.more) return { earliest: page.earliest, snapshots };
    }
  }

  async #fetch(blob: string, path: string): Promise<boolean> {
    // Its size is not asked for: of several copies of a store the one that answers may know nothing of it.
    try {
      await pipeline(this.#store.read(blob, 0, Infinity), createWriteStream(path));
      return true;
    } catch (error) {
      await rm(path, { force: true });
      if (error instanceof CodedError && error.code === "no-blob") return false;
      throw error;
    }
  }
}

function isSame(one: StoredMessage, other: StoredMessage): boolean {
  return one.offset !== other.offset || one.bodyJson === other.bodyJson;
}

function isConstraint(fault: unknown): boolean {
  const { cause } = fault as { cause?: { errcode?: unknown } };
  const code = cause?.errcode;
  return typeof code === "number" && (code & 0xff) === CONSTRAINT;
}
