import { type Clock, CodedError, randomId } from "@parlor/base";
import { sideRoom, type Append, type AppendResult, type RoomLog } from "@parlor/log";
import { MAX_MESSAGES_FRAME_BYTES } from "@parlor/protocol";
import type { EncodedBatch } from "./encoded-batch.ts";
import { KeyedState, type StateCursor, type StateSlice } from "./keyed-state.ts";
import type { RoomRegistry } from "./room-registry.ts";
import { SharedFrames } from "./shared-frames.ts";
import type { StartPosition } from "./start-position.ts";
import { StateBounds, type StateLimits } from "./state-bounds.ts";
import type { ReadableState, StateFrames, StateReader } from "./state-reader.ts";
import { decodeRecord, encodeKeep, encodeSet, type KeptEntry } from "./state-record.ts";
import { epochNumber, offsetOf, versionOf } from "./state-version.ts";
import type { Subscription, SubscriptionSink } from "./subscription.ts";

export interface StateRoomDeps {
  readonly clock: Clock;
  /** Where the side rooms are. */
  readonly log: RoomLog;
  /** The side rooms that are followed now; not those that people subscribe to. */
  readonly rooms: RoomRegistry;
  append(append: Append): Promise<AppendResult>;
  readonly limits: StateLimits;
  readonly onFault: (error: unknown) => void;
}

/** Bytes of entries in one frame, or one record; a larger value travels alone. */
const PART_BYTES = MAX_MESSAGES_FRAME_BYTES - 1_024;

/** Records of a side room above which it is compacted: so many, or so many times the entries. */
const COMPACT_ABOVE = { records: 1_000, timesEntries: 4 } as const;

/** Somebody who waits until the fold shows an offset of a history. */
interface Wait {
  readonly epoch: number | null;
  readonly offset: number;
  readonly resolve: () => void;
}

/** How long a log that can't be read is left alone, ms. */
const RETRY_PAUSE_MS = 250;

/** Frames that are kept while nothing changes: all who stand at one cursor are sent the same text. */
const MAX_SHARED = 16;

/**
 * A room's state while somebody reads or sets it: follows the side room that holds it, folds what comes and
 * hands each reader what lies behind its cursor.
 *
 * It is fed by the log's tail only, so it is the same on every node. A change is told once it is durable.
 *
 * Owns:     the fold, its readers, and the compaction of the side room.
 * Leaves:   who may set what (session/state-desk.ts), and each reader's pace (state-reader.ts).
 *
 * Rules: docs/protocol.md, STATE-.
 */
export class StateRoom implements SubscriptionSink, ReadableState {
  readonly name: string;
  readonly isWritable = true;
  readonly #deps: StateRoomDeps;
  readonly #side: string;
  readonly #state: KeyedState;
  readonly #bounds: StateBounds;
  readonly #readers = new Set<StateReader>();
  readonly #shared = new Map<string, StateFrames>();
  #subscription: Subscription | null = null;
  #epoch = 0;
  /** The head that the fold has to reach before it is shown; Infinity before that is known. */
  #readyAt = Infinity;
  #records = 0;
  #isCompacting = false;
  #isClosed = false;
  #waits: Wait[] = [];

  private constructor(name: string, deps: StateRoomDeps) {
    this.name = name;
    this.#deps = deps;
    this.#side = sideRoom("state", name);
    this.#state = new KeyedState(deps.limits.maxStateKeys);
    this.#bounds = new StateBounds(deps.limits, this.#state);
  }

  /** Fulfils once it has folded what the log has; rejects as the log does. */
  static async open(name: string, deps: StateRoomDeps): Promise<StateRoom> {
    const room = new StateRoom(name, deps);
    await room.#follow();
    await room.#reached(0, null);
    return room;
  }

  get isReady(): boolean {
    return this.#state.head >= this.#readyAt;
  }

  /** Where a client stands that saw `version`; null where nothing is known of it. */
  cursorOf(version: number): StateCursor | null {
    const offset = offsetOf(this.#epoch, version);
    const cursor = offset === null ? null : { at: offset, since: null };
    return cursor !== null && this.#state.covers(cursor) ? cursor : null;
  }

  /** Every key that has a value. */
  values(): Iterable<KeptEntry> {
    return this.#state.values();
  }

  /**
   * Sets a key, or removes it with `valueJson` "null". Fulfils with the version, once it is durable and shown
   * here. A removal is written also where nothing is shown: another process may have set the key just now.
   * @throws {CodedError} `too-large` beyond the limits; as the log rejects.
   */
  async set(key: string, valueJson: string, from: string): Promise<number> {
    const isRemoval = valueJson === "null";
    const release = isRemoval ? () => {} : this.#bounds.reserve(key, valueJson);
    try {
      const place = await this.#append(encodeSet(key, valueJson), from);
      const epoch = epochNumber(place.epoch);
      // Of a history that is over nothing more will come.
      if (this.#readyAt === Infinity || epoch === this.#epoch) await this.#reached(place.offset, epoch);
      return versionOf(epoch, place.offset);
    } finally {
      release();
    }
  }

  /** The frame behind a reader's cursor; null where there is nothing for it. */
  frameBehind(cursor: StateCursor | null): StateFrames | null {
    if (!this.isReady) return null;
    const key = `${cursor?.at}/${cursor?.since}`;
    const shared = this.#shared.get(key);
    if (shared !== undefined) return shared;
    const slice = this.#state.behind(cursor, PART_BYTES);
    if (slice === null) return null;
    const frame = { slice, frames: this.#frame(slice) };
    if (this.#shared.size >= MAX_SHARED) this.#shared.clear();
    this.#shared.set(key, frame);
    return frame;
  }

  /** Says that nothing lies behind the cursor of a reader that just came. */
  emptyFrame(cursor: StateCursor): SharedFrames {
    return this.#frame({ isFull: false, texts: [], next: cursor, more: false });
  }

  join(reader: StateReader): void {
    this.#readers.add(reader);
  }

  leave(reader: StateReader): void {
    this.#readers.delete(reader);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#unfollow();
    this.#letGo(() => true);
  }

  // What the side room says.

  subscribed(_room: string, start: StartPosition): void {
    const epoch = epochNumber(start.epoch);
    if (epoch !== this.#epoch || start.lost !== null || start.after !== this.#state.head) {
      this.#epoch = epoch;
      this.#state.reset(start.after);
      this.#records = 0;
      this.#shared.clear();
      for (const reader of this.#readers) reader.startAnew();
      // Whoever waits for an offset of the other history would wait for ever.
      this.#letGo((wait) => wait.epoch !== null && wait.epoch !== epoch);
    }
    this.#readyAt = start.head;
    this.#changed();
  }

  deliver(batch: EncodedBatch): boolean {
    for (const { offset, bodyJson } of batch.messages) {
      const record = decodeRecord(bodyJson);
      this.#state.apply(offset, record);
      this.#records = record?.kind === "keep" ? offset - record.upTo : this.#records + 1;
    }
    this.#shared.clear();
    this.#changed();
    return true;
  }

  /** The room was deleted; it may be written to again. */
  ended(): void {
    this.#unfollow();
    // What was there is not shown any more, and nobody waits for it.
    this.#readyAt = Infinity;
    this.#letGo(() => true);
    this.#followAgain();
  }

  #followAgain(): void {
    if (this.#isClosed) return;
    const { clock, onFault } = this.#deps;
    this.#follow().catch((error: unknown) => {
      onFault(error);
      clock.after(RETRY_PAUSE_MS, () => this.#followAgain());
    });
  }

  #changed(): void {
    if (!this.isReady) return;
    this.#letGo(({ offset }) => offset <= this.#state.head);
    for (const reader of this.#readers) reader.pump();
    const { records, timesEntries } = COMPACT_ABOVE;
    if (this.#isCompacting || this.#records <= Math.max(records, timesEntries * this.#state.keys)) return;
    this.#isCompacting = true;
    this.#compact()
      .catch(this.#deps.onFault)
      .finally(() => {
        this.#isCompacting = false;
      });
  }

  /**
   * Writes what holds behind all that is there, and only then forgets what came before. Nodes that do it at
   * the same time do no harm: each trims no more than it has written again.
   */
  async #compact(): Promise<void> {
    const upTo = this.#state.head;
    const epoch = this.#epoch;
    this.#records = 0;
    let part: KeptEntry[] = [];
    let bytes = 0;
    const write = async (): Promise<void> => {
      if (part.length > 0) await this.#append(encodeKeep(upTo, part), "@server");
      part = [];
      bytes = 0;
    };
    for (const entry of [...this.#state.values()]) {
      const entryBytes = entry.key.length + entry.valueJson.length;
      if (bytes + entryBytes > PART_BYTES) await write();
      part.push(entry);
      bytes += entryBytes;
    }
    await write();
    if (epoch === this.#epoch && !this.#isClosed) await this.#deps.log.trim(this.#side, upTo + 1);
  }

  async #append(
    bodyJson: string,
    from: string,
  ): Promise<{ readonly epoch: string; readonly offset: number }> {
    const result = await this.#deps.append({
      room: this.#side,
      from,
      producer: randomId(12),
      seq: 1,
      afterSeq: 0,
      bodyJson,
      remember: false,
      admit: "any",
    });
    if (result.kind === "appended") return result;
    throw new CodedError("internal", `The log answered ${result.kind} to a change of state.`);
  }

  async #follow(): Promise<void> {
    const { rooms } = this.#deps;
    const room = await rooms.acquire(this.#side);
    let hasStarted = false;
    try {
      const request = { kind: "resume", epoch: undefined, after: 0, atMost: undefined } as const;
      await room.subscribe(
        request,
        this,
        () => !this.#isClosed,
        (subscription) => {
          hasStarted = true;
          this.#subscription = subscription;
        },
      );
    } finally {
      if (!hasStarted) rooms.release(room);
    }
  }

  #unfollow(): void {
    const subscription = this.#subscription;
    if (subscription === null) return;
    this.#subscription = null;
    subscription.close();
    this.#deps.rooms.release(subscription.room);
  }

  /** Fulfils when the fold shows `offset`, or where it never will. @param epoch  Null for whichever there is. */
  #reached(offset: number, epoch: number | null): Promise<void> {
    if (this.#isClosed || (this.isReady && this.#state.head >= offset)) return Promise.resolve();
    return new Promise((resolve) => this.#waits.push({ epoch, offset, resolve }));
  }

  #letGo(isOver: (wait: Wait) => boolean): void {
    if (this.#waits.length === 0) return;
    const over = this.#waits.filter(isOver);
    this.#waits = this.#waits.filter((wait) => !over.includes(wait));
    for (const { resolve } of over) resolve();
  }

  #frame({ isFull, texts, next, more }: StateSlice): SharedFrames {
    const text =
      `{"type":"state","room":${JSON.stringify(this.name)},"version":${versionOf(this.#epoch, next.at)},` +
      `"full":${isFull},"more":${more},"entries":{${texts.join(",")}}}`;
    return new SharedFrames(() => [text], null, "state");
  }
}
