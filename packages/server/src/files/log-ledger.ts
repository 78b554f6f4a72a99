import { createReadStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, CodedError, randomId, systemClock } from "@parlor/base";
import { type BlobStore, type RoomLog, sideRoom, type Tail, unavailable } from "@parlor/log";
import type { Ledger, LedgerCalls } from "./ledger.ts";
import { encodeLedgerRecord, isLedgerChange, type LedgerChange, type LedgerRecord } from "./ledger-record.ts";
import { LedgerReplica } from "./ledger-replica.ts";
import { SharedRun } from "./shared-run.ts";

export const LEDGER_ROOM = sideRoom("files", "ledger");

/** Records after which whoever wrote the last of them sums them up. */
const SNAPSHOT_EVERY = 5_000;
/** Changes that may wait for their place; one beyond them is refused. */
const MAX_WAITING = 10_000;
/** What is missing is looked for in the whole cluster at most so often, since strangers may ask for what never was. */
const LOOK_MS = 1_000;

/** What a ledger needs of a log. */
export type LedgerLog = Pick<RoomLog, "append" | "read" | "tail" | "trim" | "sync">;

export interface LogLedgerOptions {
  readonly log: LedgerLog;
  /** Where snapshots are kept. */
  readonly store: BlobStore;
  /** Of this process alone; what is there is deleted. */
  readonly folder: string;
  readonly clock?: Clock | undefined;
  /** @default 5_000 */
  readonly snapshotEvery?: number | undefined;
}

/**
 * A ledger of files for servers that share a log and no disk: each change is a record of one side room, and every
 * process applies them all in their order, so that all have the same ledger, and a change is one transaction among
 * those of all of them. What came of a change is known when its record comes by.
 *
 * What is read may be older than what another process was just told; where that would say that something is not
 * there, it is looked for in all that was ever acknowledged. See `docs/adr/0031-files-on-nats.md`.
 */
export class LogLedger implements Ledger {
  readonly calls: LedgerCalls;
  readonly #options: LogLedgerOptions;
  readonly #clock: Clock;
  readonly #replica: LedgerReplica;
  readonly #looking: SharedRun;
  readonly #summing: SharedRun;
  #tail: Tail | null = null;
  #lookedMs = -Infinity;
  #closing: Promise<void> | null = null;

  private constructor(options: LogLedgerOptions) {
    const { log, store, folder } = options;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#replica = new LedgerReplica(log, LEDGER_ROOM, store, folder);
    this.#looking = new SharedRun(() => this.#look());
    this.#summing = new SharedRun(() => this.#sumUp());
    this.calls = this.#makeCalls();
  }

  /** @throws {CodedError} `unavailable`, where the room can't be read now */
  static async open(options: LogLedgerOptions): Promise<LogLedger> {
    await rm(options.folder, { recursive: true, force: true });
    await mkdir(options.folder, { recursive: true });
    const ledger = new LogLedger(options);
    try {
      ledger.#tail = await options.log.tail(LEDGER_ROOM, () => ledger.#follow());
      await ledger.#replica.catchUp();
    } catch (error) {
      await ledger.close();
      throw error;
    }
    return ledger;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#tail?.close();
    await this.#looking.idle();
    await this.#summing.idle();
    await this.#replica.close();
    await rm(this.#options.folder, { recursive: true, force: true });
  }

  #makeCalls(): LedgerCalls {
    const plain = new Proxy({} as LedgerCalls, {
      get:
        (_, name) =>
        (...args: readonly unknown[]) =>
          this.#call(String(name), args),
    });
    const { link, find, unknown, copyTo, hashes } = plain;
    return new Proxy(plain, {
      get: (_, name) => {
        switch (name) {
          case "passSecret":
            return (proposed = `${randomId(32)}${randomId(32)}`) => plain.passSecret(proposed);
          case "link":
            return (room: string, hash: string) => this.#orLook(() => link(room, hash), isThere);
          case "find":
            return (id: string, room: string) => this.#orLook(() => find(id, room), isThere);
          case "unknown":
            return (kind: "blob" | "part", names: readonly string[]) =>
              this.#orLook(async () => this.#others(await unknown(kind, names)), isEmpty);
          case "copyTo":
            return (file: string) => this.#looking.run().then(() => copyTo(file));
          case "hashes":
            return () => this.#looking.run().then(() => hashes());
          default:
            return Reflect.get(plain, name) as unknown;
        }
      },
    });
  }

  async #call(name: string, args: readonly unknown[]): Promise<unknown> {
    if (this.#closing !== null) throw unavailable("the ledger of files is closed");
    if (isLedgerChange(name)) return await this.#change(name, args);
    const calls = this.#replica.calls as unknown as Record<string, (...args: readonly unknown[]) => unknown>;
    return await calls[name]?.(...args);
  }

  async #change(method: LedgerChange, given: readonly unknown[]): Promise<unknown> {
    if (this.#replica.expected >= MAX_WAITING)
      throw new CodedError("unavailable", "Too much waits for the ledger of files; try again.");
    // What was left out stays left out: in JSON it would be null.
    const args = given.slice(0, given.findLastIndex((arg) => arg !== undefined) + 1);
    const id = randomId(16);
    this.#replica.expect(id);
    let outcome: ReturnType<LedgerReplica["take"]> = null;
    try {
      const offset = await this.#append({ kind: "change", id, method, args });
      await this.#replica.catchUp();
      const every = this.#options.snapshotEvery ?? SNAPSHOT_EVERY;
      // What fails is tried again after as many records.
      if (offset % every === 0) void this.#summing.run().catch(() => undefined);
    } finally {
      outcome = this.#replica.take(id);
    }
    if (outcome === null) throw unavailable("the ledger of files has another history now");
    if ("fault" in outcome) throw outcome.fault;
    return outcome.value;
  }

  /** The one who asks again knows by what it finds whether it was stored: nothing here is appended twice. */
  async #append(record: LedgerRecord): Promise<number> {
    const appended = await this.#options.log.append({
      room: LEDGER_ROOM,
      from: "@server",
      producer: randomId(16),
      seq: 1,
      afterSeq: 0,
      bodyJson: encodeLedgerRecord(record),
      remember: false,
      admit: "any",
    });
    if (appended.kind !== "appended") throw unavailable(`the ledger of files was refused: ${appended.kind}`);
    return appended.offset;
  }

  /** What this process knows, or, where that is nothing, what anybody knows. */
  async #orLook<T>(ask: () => Promise<T>, isEnough: (answer: T) => boolean): Promise<T> {
    const known = await ask();
    if (isEnough(known)) return known;
    await this.#looking.run();
    return await ask();
  }

  async #look(): Promise<void> {
    const waitMs = this.#lookedMs + LOOK_MS - this.#clock.monotonic();
    if (this.#options.log.sync !== undefined && waitMs > 0 && this.#closing === null) {
      await new Promise<void>((resolve) => this.#clock.after(waitMs, resolve));
    }
    this.#lookedMs = this.#clock.monotonic();
    await this.#options.log.sync?.(LEDGER_ROOM);
    await this.#replica.catchUp();
  }

  /** A snapshot is of no room, and nobody's upload. */
  #others(names: readonly string[]): readonly string[] {
    return names.filter((name) => name !== this.#replica.snapshot?.blob);
  }

  #follow(): void {
    // Whoever asks for what is missing then is told why.
    if (this.#closing === null) void this.#replica.catchUp().catch(() => undefined);
  }

  /** Stores what the records come to, and only then forgets them; then the snapshot before. */
  async #sumUp(): Promise<void> {
    const { log, store, folder } = this.#options;
    const former = this.#replica.snapshot;
    const file = join(folder, `${randomId(12)}.snapshot`);
    try {
      const through = await this.#replica.writeTo(file);
      const { part } = await store.putPart(createReadStream(file), Infinity);
      const { hash } = await store.assemble([part]);
      await store.dropParts([part]);
      await this.#append({ kind: "snapshot", through, blob: hash });
      await this.#replica.catchUp();
      await log.trim(LEDGER_ROOM, through + 1);
      if (former !== null && former.blob !== hash) await store.delete(former.blob);
    } finally {
      await rm(file, { force: true });
    }
  }
}

function isThere(answer: unknown): boolean {
  return answer !== null;
}

function isEmpty(names: readonly string[]): boolean {
  return names.length === 0;
}
