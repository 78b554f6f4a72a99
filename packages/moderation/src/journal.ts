import { randomBytes } from "node:crypto";
import { type Clock, CodedError, randomId, type TimerHandle } from "@parlor/base";
import type { RoomLog, Tail } from "@parlor/log";
import { bodyFromJson } from "@parlor/protocol";
import type { BoundReading } from "@parlor/server";
import { type ActRecord, ACTS_ROOM, readRecord } from "./act-record.ts";
import { foldRecord, type ModerationState, newState, type PlacedRecord } from "./fold.ts";
import type { Verdict } from "./room-policy.ts";
import { restoreInto } from "./snapshot.ts";
import { newestSnapshot, SNAPSHOT_ROOM } from "./snapshot-room.ts";
import { OK } from "./verdicts.ts";

/** What is read of the acts at once. */
const PAGE = { maxMessages: 1_000, maxBytes: 1_048_576 };

/** Rooms of which something is kept in memory, and acceptances of links. */
const MAX_ROOMS = 20_000;
const MAX_ACCEPTED = 200_000;

/** Acts that could not be read are read again after so long, ms. */
const RETRY_MS = 1_000;

/** How often a snapshot is looked for where it must be: another process may just be replacing it. */
const SNAPSHOT_TRIES = 3;

/** Who writes the records; no peer can be called that. */
const WRITER = "@server";

export interface Written {
  readonly offset: number;
  readonly verdict: Verdict;
}

export interface JournalParts {
  readonly log: RoomLog;
  readonly clock: Clock;
  /** Called with each record that came after the start, once it is folded. Must not throw. */
  readonly onFolded: (placed: PlacedRecord, verdict: Verdict) => void;
  /** Called where so much was missed that the state is another one at once. Must not throw. */
  readonly onReplaced?: () => void;
  /** Called with each record that was written here, once it is folded. Must not throw. */
  readonly onWritten?: () => void;
  readonly onFault: (fault: unknown) => void;
}

/**
 * All acts of a server, as one process follows them: begins with the newest snapshot where acts were summed up, reads
 * what stands in the log behind it, folds it, and goes on with what whichever process writes. What is written here is judged at its place in the log, like everything else.
 */
export class Journal {
  readonly state: ModerationState = newState();
  readonly #parts: JournalParts;
  /** Who waits until a place is folded, by that place. */
  readonly #waiting = new Map<number, PromiseWithResolvers<void>>();
  #retry: TimerHandle | null = null;
  #tail: Tail | null = null;
  #isOpen = false;
  #isPulling = false;
  #isBehind = false;
  #isClosed = false;
  #grownBytes = 0;
  #snapshotBytes = 0;

  constructor(parts: JournalParts) {
    this.#parts = parts;
  }

  /** Fulfils when everything that stands in the log is folded. Stores nothing. */
  async open(): Promise<void> {
    this.#tail = await this.#parts.log.tail(ACTS_ROOM, ({ kind }) => {
      // Whichever process did it.
      if (kind === "trimmed") this.#grownBytes = 0;
      void this.#pull();
    });
    try {
      await this.#readOn();
    } catch (fault) {
      this.close();
      throw fault;
    }
    this.#isOpen = true;
  }

  /**
   * Stores a record and fulfils when it is folded here. With `key` the same record is stored once, for 7 days.
   * @throws {CodedError} `unavailable`
   */
  async write(record: ActRecord, key?: string): Promise<Written> {
    if (this.state.secret === null && record.kind !== "secret") {
      // Of two processes that do this at once the first one's counts, for both.
      await this.write({ kind: "secret", secret: randomBytes(32).toString("base64url") });
    }
    const result = await this.#parts.log.append({
      room: ACTS_ROOM,
      from: WRITER,
      producer: key ?? randomId(12),
      seq: 1,
      afterSeq: 0,
      bodyJson: JSON.stringify(record),
      remember: key !== undefined,
      admit: "any",
    });
    if (result.kind !== "appended" && result.kind !== "duplicate")
      throw new CodedError("internal", `The log answered ${result.kind} to an act.`);
    const { offset = this.state.version } = result;
    await this.#foldedUpTo(offset);
    const verdict = this.#verdictOf(record);
    this.#parts.onWritten?.();
    return { offset, verdict };
  }

  /** What links and addresses are signed with; before anything was ever done, what signs nothing. */
  get secret(): Buffer {
    const { secret } = this.state;
    return secret === null ? randomBytes(32) : Buffer.from(secret, "base64url");
  }

  /** JSON of the acts that were folded since they were summed up, and of what they came to then. */
  get grownBytes(): number {
    return this.#grownBytes;
  }

  get snapshotBytes(): number {
    return this.#snapshotBytes;
  }

  summedUp(bytes: number): void {
    this.#grownBytes = 0;
    this.#snapshotBytes = bytes;
  }

  /**
   * Fulfils when all is folded that stands in the log at the call.
   * @throws {CodedError} `unavailable`
   */
  async catchUp(): Promise<void> {
    const { head } = await this.#parts.log.head(ACTS_ROOM);
    await this.#foldedUpTo(head);
  }

  /** Whether no stranger may bring more. */
  get isFull(): boolean {
    return this.state.rooms.size >= MAX_ROOMS || this.state.accepted >= MAX_ACCEPTED;
  }

  get bounds(): readonly BoundReading[] {
    return [
      { bound: "moderation_rooms", used: () => this.state.rooms.size, max: MAX_ROOMS },
      { bound: "moderation_links_held", used: () => this.state.accepted, max: MAX_ACCEPTED },
    ];
  }

  close(): void {
    this.#isClosed = true;
    this.#tail?.close();
    if (this.#retry !== null) this.#parts.clock.cancel(this.#retry);
    const closed = new CodedError("unavailable", "The server is stopping; the act is stored.");
    for (const waiting of this.#waiting.values()) waiting.reject(closed);
    this.#waiting.clear();
  }

  /** Two may wait for one place: who asked, and who asked the same again. What a node wrote may reach another later. */
  #foldedUpTo(offset: number): Promise<void> {
    if (offset <= this.state.version) return Promise.resolve();
    const waiting = this.#waiting.get(offset) ?? Promise.withResolvers<void>();
    this.#waiting.set(offset, waiting);
    void this.#pull();
    return waiting.promise;
  }

  #verdictOf(record: ActRecord): Verdict {
    if (!("key" in record) || record.kind === "done") return OK;
    // One that is not remembered any more was judged long ago.
    return this.state.rooms.get(record.room)?.judged.get(record.key) ?? OK;
  }

  /** Reads on; a call while it reads makes it look once more. Never rejects. */
  async #pull(): Promise<void> {
    if (!this.#isOpen || this.#isClosed) return;
    this.#isBehind = true;
    if (this.#isPulling) return;
    this.#isPulling = true;
    try {
      while (this.#isBehind && !this.#isClosed) {
        this.#isBehind = false;
        await this.#readOn();
      }
    } catch (fault) {
      this.#parts.onFault(fault);
      // Nobody may act again for long, and what was said must hold.
      if (!this.#isClosed) this.#retry = this.#parts.clock.after(RETRY_MS, () => void this.#pull());
    } finally {
      this.#isPulling = false;
    }
  }

  async #readOn(): Promise<void> {
    for (let more = true; more && !this.#isClosed; ) {
      const page = await this.#parts.log.read(ACTS_ROOM, this.state.version, PAGE);
      if (page.earliest > this.state.version + 1) {
        await this.#beginFrom(page.earliest);
        continue;
      }
      for (const { offset, at, bodyJson } of page.messages) {
        const record = bodyJson === null ? null : readRecord(bodyFromJson(bodyJson));
        if (record === null) this.state.version = offset;
        else this.#fold({ offset, at, record });
        this.#grownBytes += bodyJson?.length ?? 0;
        this.#waiting.get(offset)?.resolve();
        this.#waiting.delete(offset);
      }
      more = page.more;
    }
  }

  /** Acts before `earliest` were summed up, and are not there to be folded. */
  async #beginFrom(earliest: number): Promise<void> {
    const { log } = this.#parts;
    for (let tries = 1; ; tries++) {
      const snapshot = await newestSnapshot(log);
      if (snapshot !== null && snapshot.upTo + 1 >= earliest) {
        restoreInto(this.state, snapshot);
        this.summedUp(snapshot.text.length);
        break;
      }
      // Half of what moderators did would let in whom the other half keeps out.
      if (tries >= SNAPSHOT_TRIES)
        throw new CodedError("unavailable", "What moderators did can't be read whole now.");
      await log.sync?.(SNAPSHOT_ROOM);
    }
    for (const [offset, waiting] of this.#waiting) {
      if (offset > this.state.version) continue;
      waiting.resolve();
      this.#waiting.delete(offset);
    }
    if (this.#isOpen) this.#parts.onReplaced?.();
  }

  #fold(placed: PlacedRecord): void {
    const verdict = foldRecord(this.state, placed);
    if (this.#isOpen) this.#parts.onFolded(placed, verdict);
  }
}
