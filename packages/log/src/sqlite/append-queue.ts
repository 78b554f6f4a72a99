import { RingBuffer, type Clock } from "@parlor/base";
import type { Append, AppendResult } from "../room-log.ts";
import { unavailable } from "../status-board.ts";
import { CommitPace } from "./commit-pace.ts";

/** An append that waits for the disk. */
export interface WaitingAppend {
  readonly append: Append;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: Error) => void;
}

const MAX_GROUP_APPENDS = 1_000;
const MAX_GROUP_BYTES = 1_048_576;
/** One group on the disk and one ready behind it: the writer never waits for this thread, and groups grow under load. */
const MAX_GROUPS_IN_FLIGHT = 2;
const MAX_WAITING_APPENDS = 100_000;
const MAX_WAITING_BYTES = 134_217_728;

/**
 * Gathers appends into groups, each of which is one transaction.
 *
 * An idle log sends at the end of the turn; a busy one lets what arrives gather while two groups are
 * under way, and one to which many thin groups come spaces them out (CommitPace). What waits is bounded: beyond 100,000 appends or 128 Mi characters, appends are refused.
 */
export class AppendQueue {
  readonly #send: (group: readonly WaitingAppend[]) => void;
  readonly #clock: Clock;
  readonly #pace = new CommitPace();
  #gathered: WaitingAppend[] = [];
  readonly #inFlight = new RingBuffer<readonly WaitingAppend[]>();
  #waitingCount = 0;
  #waitingBytes = 0;
  #flushIsDue = false;

  constructor(send: (group: readonly WaitingAppend[]) => void, clock: Clock) {
    this.#send = send;
    this.#clock = clock;
  }

  get isEmpty(): boolean {
    return this.#waitingCount === 0;
  }

  add(append: Append): Promise<AppendResult> {
    const bytes = append.bodyJson.length;
    if (this.#waitingCount >= MAX_WAITING_APPENDS || this.#waitingBytes + bytes > MAX_WAITING_BYTES) {
      return Promise.reject(unavailable("too many messages wait for the disk; try again"));
    }
    if (mayStore(append)) this.#pace.noteAppend(this.#waitingCount > 0, this.#clock.monotonic());
    this.#waitingCount += 1;
    this.#waitingBytes += bytes;
    return new Promise((resolve, reject) => {
      this.#gathered.push({ append, resolve, reject });
      this.#scheduleFlush();
    });
  }

  /** Sends all that is gathered, so that what is sent next comes after it. */
  flushAll(): void {
    while (this.#gathered.length > 0) this.#sendGroup();
  }

  /** The oldest group in flight was answered: takes it out, and lets the next one go. */
  takeAnswered(): readonly WaitingAppend[] {
    const group = this.#inFlight.shift() ?? [];
    this.#letGo(group);
    if (this.#gathered.length > 0) this.#scheduleFlush();
    return group;
  }

  /** Takes out everything, sent or not. */
  takeAll(): WaitingAppend[] {
    const all: WaitingAppend[] = [];
    for (let group = this.#inFlight.shift(); group !== undefined; group = this.#inFlight.shift()) {
      all.push(...group);
    }
    all.push(...this.#gathered);
    this.#gathered = [];
    this.#letGo(all);
    return all;
  }

  #scheduleFlush(): void {
    if (this.#flushIsDue) return;
    this.#flushIsDue = true;
    const flush = (): void => {
      this.#flushIsDue = false;
      while (this.#gathered.length > 0 && this.#inFlight.length < MAX_GROUPS_IN_FLIGHT) this.#sendGroup();
    };
    const { delayMs } = this.#pace;
    // Otherwise the end of the turn, so that calls made together are stored together.
    if (delayMs > 0) this.#clock.after(delayMs, flush);
    else setImmediate(flush);
  }

  #sendGroup(): void {
    const gathered = this.#gathered;
    let bytes = 0;
    let count = 0;
    for (; count < gathered.length && count < MAX_GROUP_APPENDS; count++) {
      bytes += gathered[count]?.append.bodyJson.length ?? 0;
      if (bytes > MAX_GROUP_BYTES && count > 0) break;
    }
    this.#gathered = count === gathered.length ? [] : gathered.slice(count);
    const group = count === gathered.length ? gathered : gathered.slice(0, count);
    // What only asks whether it is there already needs no sync, and is no reason to hold up what does.
    if (group.some(({ append }) => mayStore(append))) this.#pace.noteGroup();
    this.#inFlight.push(group);
    this.#send(group);
  }

  #letGo(group: readonly WaitingAppend[]): void {
    this.#waitingCount -= group.length;
    for (const { append } of group) this.#waitingBytes -= append.bodyJson.length;
  }
}

function mayStore({ admit }: Append): boolean {
  return admit !== "duplicate";
}
