import { createHash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { StoredMessage } from "@parlor/log";
import { bodyFromJson, type Message } from "@parlor/protocol";
import {
  isSamePosition,
  type Projection,
  type ReaderPosition,
  type ReaderStep,
  type RoomPosition,
  type TakeOutcome,
} from "./projection.ts";
import { makeFolderOf, ReaderFile, removeReaderFile } from "./reader-file.ts";

/** Effects that answer at once are committed together for so long, ms; then the event loop has its turn. */
const COMMIT_AFTER_MS = 10;

/** What an effect knows of the message that it is given. */
export interface ReaderContext {
  readonly room: string;
  readonly epoch: string;
  /**
   * Names this message for this reader, for ever: 22 characters of `[A-Za-z0-9_-]`. An effect outside of `db` may
   * be asked for again after a crash; what it calls can tell by this. As the `idempotencyKey` of a publish it
   * makes that once, too.
   */
  readonly key: string;
  /**
   * The reader's own database, in the transaction that also moves its cursor: what is written here is there
   * once for each message, or not at all. Leave transactions to the reader.
   */
  readonly db: DatabaseSync;
}

/** What was read and is gone from the log. */
export type Gone =
  | { readonly kind: "message"; readonly room: string; readonly offset: number }
  /** All of the room that lies before that offset. */
  | { readonly kind: "before"; readonly room: string; readonly offset: number }
  /** All of the room: it was deleted, or a backup took its place. */
  | { readonly kind: "room"; readonly room: string };

export interface Effects<Body = unknown> {
  /** Called with each message, in the order of its room. What it throws is told, and tried again later. */
  readonly onMessage: (message: Message & { readonly body: Body }, context: ReaderContext) => unknown;
  /** Called in a transaction of its own where what was read is gone; twice is possible. Must be synchronous. */
  readonly onGone?: ((gone: Gone, db: DatabaseSync) => void) | undefined;
  /** Makes the tables that the effects need, in a file that is new. */
  readonly tables?: ((db: DatabaseSync) => void) | undefined;
}

/** The projection of a reader of the host's own: one SQLite file, whose effects run on this thread. */
export class SqliteProjection implements Projection {
  readonly roomsAtOnce = 1;
  readonly #name: string;
  readonly #path: string;
  readonly #effects: Effects;
  readonly #monotonic: () => number;
  #file: ReaderFile | null = null;

  constructor(name: string, path: string, effects: Effects, monotonic: () => number) {
    this.#name = name;
    this.#path = path;
    this.#effects = effects;
    this.#monotonic = monotonic;
  }

  get forgets(): boolean {
    return this.#effects.onGone !== undefined;
  }

  async open(now: number): Promise<number> {
    await makeFolderOf(this.#path);
    this.#file ??= new ReaderFile(this.#path, now, (db) => this.#effects.tables?.(db));
    return this.#file.positions.madeAt;
  }

  async position(room: string): Promise<ReaderPosition | null> {
    return this.#opened.positions.find(room);
  }

  async positions(afterName: string, limit: number): Promise<readonly RoomPosition[]> {
    return this.#opened.positions.page(afterName, limit);
  }

  async isRebuildWanted(): Promise<boolean> {
    return this.#opened.positions.isRebuildWanted;
  }

  async rebuild(now: number): Promise<void> {
    await this.close();
    await removeReaderFile(this.#path);
    await this.open(now);
  }

  async close(): Promise<void> {
    this.#file?.close();
    this.#file = null;
  }

  take(step: ReaderStep): Promise<TakeOutcome> {
    return step.kind === "messages" ? this.#read(step) : this.#forget(step);
  }

  async #read(step: ReaderStep & { kind: "messages" }): Promise<TakeOutcome> {
    const { room, after, messages } = step;
    const file = this.#opened;
    let position = step.before;
    let waiting = [...messages];
    do {
      file.db.exec("BEGIN IMMEDIATE");
      try {
        if (!isSamePosition(file.positions.find(room), position)) return { kind: "moved" };
        const { left, fault } = await this.#run(step, waiting);
        const last = waiting.at(waiting.length - left.length - 1);
        let reached = position;
        if (left.length === 0 && fault === undefined) reached = after;
        else if (left.length < waiting.length && last !== undefined) reached = at(after, last);
        if (reached !== null) file.positions.save(room, reached);
        file.db.exec("COMMIT");
        position = reached;
        waiting = left;
        if (fault !== undefined) return { kind: "failed", position, fault: fault.value };
      } finally {
        if (file.db.isOpen && file.db.isTransaction) file.db.exec("ROLLBACK");
      }
      if (waiting.length > 0) await new Promise((resolve) => setImmediate(resolve));
    } while (waiting.length > 0);
    return { kind: "taken" };
  }

  /** Has the effects of some of the messages; answers those that are left, with the fault of the first. */
  async #run(
    { room, after: { epoch } }: ReaderStep & { kind: "messages" },
    messages: readonly StoredMessage[],
  ): Promise<{ readonly left: StoredMessage[]; readonly fault?: { readonly value: unknown } }> {
    const { db } = this.#opened;
    const startedMs = this.#monotonic();
    for (const [index, message] of messages.entries()) {
      db.exec("SAVEPOINT effect");
      let isOutside: boolean;
      try {
        const context = { room, epoch, key: keyOf(this.#name, room, epoch, message.offset), db };
        const effect = this.#effects.onMessage(readable(message), context);
        isOutside = isPromise(effect);
        if (isOutside) await effect;
        db.exec("RELEASE effect");
      } catch (value) {
        if (db.isOpen && db.isTransaction) db.exec("ROLLBACK TO effect; RELEASE effect");
        return { left: messages.slice(index), fault: { value } };
      }
      // What takes its time mostly does something outside, and that is not to be asked for again with the next one.
      const isLate = isOutside || this.#monotonic() - startedMs > COMMIT_AFTER_MS;
      if (isLate) return { left: messages.slice(index + 1) };
    }
    return { left: [] };
  }

  async #forget(step: Exclude<ReaderStep, { kind: "messages" }>): Promise<TakeOutcome> {
    const { room } = step;
    const file = this.#opened;
    const position = file.positions.find(room);
    try {
      file.transact(() => {
        for (const gone of goneBy(step)) this.#effects.onGone?.(gone, file.db);
        if (step.kind === "forgotten") file.positions.put(room, step.position);
      });
    } catch (fault) {
      return { kind: "failed", position, fault };
    }
    if (this.forgets) file.checkpoint();
    return { kind: "taken" };
  }

  get #opened(): ReaderFile {
    if (this.#file === null) throw new Error(`The reader ${this.#name} is closed.`);
    return this.#file;
  }
}

function* goneBy(step: Exclude<ReaderStep, { kind: "messages" }>): Generator<Gone> {
  const { room } = step;
  if (step.kind === "forgotten") yield { kind: "room", room };
  else if (step.kind === "trimmed") yield { kind: "before", room, offset: step.earliest };
  else for (const offset of step.offsets) yield { kind: "message", room, offset };
}

function at(after: ReaderPosition, { offset, at: writtenAt }: StoredMessage): ReaderPosition {
  return { epoch: after.epoch, offset, at: Math.max(writtenAt, 0) };
}

function keyOf(name: string, room: string, epoch: string, offset: number): string {
  return createHash("sha256")
    .update(JSON.stringify([name, room, epoch, offset]))
    .digest("base64url")
    .slice(0, 22);
}

function readable({ bodyJson, re, ...rest }: StoredMessage): Message {
  const body: unknown = bodyJson === null ? null : bodyFromJson(bodyJson);
  return { ...rest, ...(re === undefined ? {} : { re }), body };
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value;
}
