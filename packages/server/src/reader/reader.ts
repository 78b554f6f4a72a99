import { type Clock, fullJitterMs, type Random } from "@parlor/base";
import type { Page, RoomLog, Tail } from "@parlor/log";
import { faultText, type LogFields, type Logger } from "../room/logger.ts";
import { findErased } from "./erasures.ts";
import { KnownPositions } from "./known-positions.ts";
import { lookThrough, type RoomPair } from "./look-through.ts";
import type { Projection, ReaderPosition, ReaderStep, TakeOutcome } from "./projection.ts";
import { ReaderNews } from "./reader-news.ts";
import type { RoomChoice } from "./room-choice.ts";

export interface ReaderParts {
  /** 1 to 64 lower-case letters, digits and hyphens. */
  readonly name: string;
  readonly isMine: RoomChoice;
  /** Whether it begins with what is written from its making on. */
  readonly fromNow: boolean;
  readonly log: RoomLog;
  readonly projection: Projection;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** What is read of the log at one time. */
const BATCH = { maxMessages: 500, maxBytes: 262_144 };
/** Between two looks through what was read, so that the log has time for others, ms. */
const SWEEP_PAUSE_MS = 20;
/** How often it asks whether it is to be made anew, ms. */
const ASK_EVERY_MS = 1_000;
const BACKOFF = { baseMs: 500, maxMs: 30_000 };
/** Failures in a row before the operator is told of a log or a projection that can't be used. */
const TELL_FROM = 3;
/** How long `close` waits for an effect that is under way, ms. */
const CLOSE_WITHIN_MS = 5_000;

/**
 * A named reader: a cursor on each of its rooms, kept in one transaction with what came of the messages.
 *
 *     watch ──▶ rooms that wait ──▶ read a batch behind the cursor ──▶ projection: effects and cursor, or neither
 *
 * Of one room it does one thing at a time, so the order of a room is the order of its effects. A room whose effect failed
 * waits, longer each time, and the others go on.
 *
 * Rules: docs/guarantees.md, READER-.
 */
export class Reader {
  readonly name: string;
  readonly #parts: ReaderParts;
  readonly #news: ReaderNews;
  readonly #positions: KnownPositions;
  #sweep: ReturnType<typeof findErased> | null = null;
  #sweepAtMs = 0;
  #askAtMs = 0;
  #madeAt = 0;
  #wake: (() => void) | null = null;
  #isWoken = false;
  #watch: Tail | null = null;
  #isClosed = false;
  #rebuilds: (() => void)[] = [];
  #idlers: (() => void)[] = [];
  readonly #work: Promise<void>;
  /** Messages read, and effects that failed, since it was started. */
  read = 0;
  failures = 0;

  constructor(parts: ReaderParts) {
    this.name = parts.name;
    this.#parts = parts;
    const { clock, projection, isMine } = parts;
    this.#news = new ReaderNews({
      isMine,
      forgets: projection.forgets,
      monotonic: () => clock.monotonic(),
      onNews: () => this.#wakeUp(),
    });
    this.#positions = new KnownPositions(projection);
    this.#work = this.#run();
  }

  /** How far it is behind: messages, as far as is known, and for how long something has waited, ms. */
  get lag(): { readonly messages: number; readonly waitedMs: number } {
    return this.#news.waiting.lag(this.#parts.clock.monotonic());
  }

  /** Fulfils when nothing waits to be read or forgotten: effects are those of the log as it is now. */
  caughtUp(): Promise<void> {
    return new Promise((resolve) => {
      // What was committed before this call may still be on its way here; what the log says behind it is not.
      this.#news.isLookDue = true;
      this.#idlers.push(resolve);
      this.#wakeUp();
    });
  }

  /** Forgets all that came of it and reads from where it begins; fulfils when it has forgotten. */
  rebuild(): Promise<void> {
    return new Promise((resolve) => {
      this.#rebuilds.push(resolve);
      this.#wakeUp();
    });
  }

  /** Ends behind the effect that is under way; one that takes longer than 5 s is left. Twice is the same as once. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#watch?.close();
    this.#wakeUp();
    const { clock, projection } = this.#parts;
    const late = Promise.withResolvers<void>();
    const timer = clock.after(CLOSE_WITHIN_MS, late.resolve);
    await Promise.race([this.#work, late.promise]);
    clock.cancel(timer);
    await projection.close();
    for (const resolve of [...this.#rebuilds.splice(0), ...this.#idlers.splice(0)]) resolve();
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#isClosed; ) {
      try {
        await this.#start();
        while (!this.#isClosed) {
          await this.#step();
          failures = 0;
        }
      } catch (fault) {
        if (this.#isClosed) return;
        failures += 1;
        // A log that ends says so itself, and one that comes back soon is no news.
        if (failures >= TELL_FROM) this.#tell("A reader could not go on; it tries again.", fault);
        // What was known of the log and the projection may be out of date.
        this.#positions.clear();
        this.#news.isLookDue = true;
        if (this.#sweep !== null) this.#news.isSweepDue = true;
        this.#isWoken = false;
        await this.#pause(fullJitterMs(failures - 1, BACKOFF, this.#parts.random));
      }
    }
  }

  async #start(): Promise<void> {
    const { projection, log, clock } = this.#parts;
    this.#madeAt = await projection.open(clock.now());
    if (this.#watch !== null) return;
    const watch = await log.watch((change) => this.#news.hear(change));
    this.#watch = watch;
    if (this.#isClosed) watch.close();
  }

  /** Does what is due first, or waits until something is. */
  async #step(): Promise<void> {
    const { clock, projection } = this.#parts;
    if (this.#rebuilds.length > 0) return this.#makeAnew();
    if (clock.monotonic() >= this.#askAtMs) {
      this.#askAtMs = clock.monotonic() + ASK_EVERY_MS;
      if (await projection.isRebuildWanted()) return this.#makeAnew();
    }
    if (this.#news.isLookDue) return this.#look();
    if (await this.#forgetNext()) return;
    const { rooms, waitMs } = this.#news.waiting.next(clock.monotonic(), projection.roomsAtOnce);
    await this.#readRooms(rooms);
    const sweepMs = await this.#sweepOn();
    if (rooms.length > 0) return;
    if (this.#news.isEmpty && sweepMs === Infinity) for (const resolve of this.#idlers.splice(0)) resolve();
    await this.#pause(Math.min(waitMs, sweepMs, ASK_EVERY_MS));
  }

  async #readRooms(rooms: readonly string[]): Promise<void> {
    const outcomes = await Promise.allSettled(rooms.map((room) => this.#readRoom(room)));
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  }

  async #makeAnew(): Promise<void> {
    const { projection, clock } = this.#parts;
    const asked = [...this.#rebuilds];
    this.#madeAt = clock.now();
    // Where that fails it is still asked for.
    await projection.rebuild(this.#madeAt);
    this.#rebuilds.splice(0, asked.length);
    this.#news.startAnew();
    this.#positions.clear();
    this.#sweep = null;
    for (const resolve of asked) resolve();
  }

  /** Compares what the log has with what was read: at the start, and whenever something may have been missed. */
  async #look(): Promise<void> {
    const { log, projection } = this.#parts;
    this.#news.isLookDue = false;
    for await (const pair of lookThrough(log, projection)) {
      if (this.#isClosed) return;
      if (this.#parts.isMine(pair.room) && !(await this.#compare(pair))) {
        // The rest is looked for when these have been read.
        this.#news.isLookDue = true;
        break;
      }
    }
    if (this.#news.isSweepDue && projection.forgets) this.#sweep = findErased(log, projection);
    this.#news.isSweepDue = false;
  }

  /** False where no more rooms can wait. */
  async #compare({ room, kept, read }: RoomPair): Promise<boolean> {
    const { log, projection, clock } = this.#parts;
    const { epoch, earliest, head } = kept ?? (await log.head(room));
    if (read !== null && epoch !== read.epoch) await this.#forgetRoom(room, read, epoch);
    else if (read !== null && earliest > 1 && projection.forgets)
      await this.#forget({ kind: "trimmed", room, earliest });
    const isBehind = head > 0 && (read?.epoch !== epoch || read.offset < head);
    return isBehind ? this.#news.waiting.add(room, clock.monotonic(), head) : true;
  }

  async #readRoom(room: string): Promise<void> {
    const { log, projection } = this.#parts;
    const before = await this.#positions.get(room);
    const page = await log.read(room, before?.offset ?? 0, BATCH);
    const reached = before?.offset ?? 0;
    if (before !== null && page.epoch !== before.epoch) {
      await this.#forgetRoom(room, before, page.epoch);
      return this.#news.waiting.read(room, 0, page.head, true);
    }
    const after = positionBehind(page, before);
    if (after === null) return this.#news.waiting.read(room, reached, page.head, page.more);
    const from = this.#parts.fromNow ? (before?.at ?? this.#madeAt) : 0;
    const messages = page.messages.filter(({ bodyJson, at }) => bodyJson !== null && at >= from);
    const outcome = await projection.take({ kind: "messages", room, before, after, messages });
    switch (outcome.kind) {
      case "taken":
        this.#positions.set(room, after);
        this.read += messages.length;
        return this.#news.waiting.read(room, after.offset, page.head, page.more);
      case "moved":
        this.#positions.delete(room);
        return this.#news.waiting.read(room, reached, page.head, true);
      case "failed":
        return this.#onFailed(room, outcome, page.head);
    }
  }

  /** Whether something was there to be forgotten. */
  async #forgetNext(): Promise<boolean> {
    const next = this.#news.nextForgotten();
    if (next === null) return false;
    await this.#forget(next.step);
    next.done();
    return true;
  }

  /** A reader that begins with what is new knows by its time what of another history it has read: restored, not new. */
  #forgetRoom(room: string, { at }: ReaderPosition, epoch: string): Promise<void> {
    const position = this.#parts.fromNow ? { epoch, offset: 0, at: at + 1 } : null;
    return this.#forget({ kind: "forgotten", room, position });
  }

  async #forget(step: Exclude<ReaderStep, { kind: "messages" }>): Promise<void> {
    if (step.kind === "forgotten") this.#positions.delete(step.room);
    const outcome = await this.#parts.projection.take(step);
    if (outcome.kind === "failed") throw outcome.fault;
  }

  /** Looks on for what was erased while nobody watched; answers when to go on, ms (`Infinity` at the end). */
  async #sweepOn(): Promise<number> {
    if (this.#sweep === null) return Infinity;
    const { clock } = this.#parts;
    const early = this.#sweepAtMs - clock.monotonic();
    if (early > 0) return early;
    const found = await this.#sweep.next();
    if (found.done === true) {
      this.#sweep = null;
      return Infinity;
    }
    const { room, offsets } = found.value;
    if (offsets.length > 0) await this.#forget({ kind: "erased", room, offsets });
    this.#sweepAtMs = clock.monotonic() + SWEEP_PAUSE_MS;
    return SWEEP_PAUSE_MS;
  }

  #onFailed(room: string, { position, fault }: TakeOutcome & { kind: "failed" }, head: number): void {
    const { clock, random } = this.#parts;
    this.#positions.delete(room);
    this.failures += 1;
    const reached = position?.offset ?? 0;
    const times = this.#news.waiting.failed(room, reached, head);
    this.#tell("A reader's effect failed; the message is tried again.", fault, { offset: reached, times });
    this.#news.waiting.retryAt(room, clock.monotonic() + fullJitterMs(times - 1, BACKOFF, random));
  }

  #tell(sentence: string, fault: unknown, more: LogFields = {}): void {
    this.#parts.logger.warn(sentence, { reader: this.name, fault: faultText(fault), ...more });
  }

  /** Until something is to be done, or so long at most. */
  async #pause(ms: number): Promise<void> {
    const { clock } = this.#parts;
    if (this.#isWoken) {
      this.#isWoken = false;
      return;
    }
    const woken = Promise.withResolvers<void>();
    this.#wake = woken.resolve;
    const timer = clock.after(ms, woken.resolve);
    await woken.promise;
    clock.cancel(timer);
    this.#wake = null;
    this.#isWoken = false;
  }

  #wakeUp(): void {
    this.#isWoken = true;
    this.#wake?.();
  }
}

/** Behind what the page shows; null where that is where `before` is. */
function positionBehind(
  { epoch, head, messages, more }: Page,
  before: ReaderPosition | null,
): ReaderPosition | null {
  const last = messages.at(-1);
  const at = Math.max(before?.at ?? 0, last?.at ?? 0);
  if (last !== undefined) return { epoch, offset: last.offset, at };
  // All of the rest was trimmed.
  return !more && head > (before?.offset ?? 0) ? { epoch, offset: head, at } : null;
}
