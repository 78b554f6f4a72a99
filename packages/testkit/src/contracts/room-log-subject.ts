import { type Clock, systemClock, type TimerHandle } from "@parlor/base";
import type { Append, AppendResult, LogOptions, RoomLog, Tail, TailEvent } from "@parlor/log";

/** One log under test, with what the suite must be able to do to it. */
export interface RoomLogSubject {
  readonly log: RoomLog;
  /** Closes the log if it is open, and removes what it kept. */
  dispose(): Promise<void>;
  /** All that the log keeps on disk, as it is at this moment. */
  bytesOnDisk?(): Promise<Buffer>;
  /** Closes the log and opens what it kept; `log` of the returned subject is the new one. */
  reopen?(): Promise<RoomLogSubject>;
}

export interface RoomLogContract {
  /** As it stands in the names of the tests. */
  readonly name: string;
  /** Whether it outlives its process; its subjects then have `reopen` and `bytesOnDisk`. */
  readonly isOnDisk: boolean;
  readonly create: (options: LogOptions) => Promise<RoomLogSubject>;
}

/** A wall clock that stands where it is put. Timers run as they do. */
export class SettableClock implements Clock {
  /** The wall clock. Setting it is a jump, of which the monotonic clock knows nothing. */
  ms: number;
  #passedMs = 0;

  constructor(ms = 1_700_000_000_000) {
    this.ms = ms;
  }

  /** Lets time pass, on both clocks. */
  pass(ms: number): void {
    this.ms += ms;
    this.#passedMs += ms;
  }

  now(): number {
    return this.ms;
  }

  monotonic(): number {
    return systemClock.monotonic() + this.#passedMs;
  }

  after(delayMs: number, task: () => void): TimerHandle {
    return systemClock.after(delayMs, task);
  }

  cancel(handle: TimerHandle): void {
    systemClock.cancel(handle);
  }
}

const PATIENCE_MS = 20_000;

/** Of each group of tests: a log that forgets to answer fails its test, and does not hang the run. */
export const TIMELY = Object.freeze({ timeout: 60_000 });

/** Asks again, a turn of the event loop later each time, until the answer is yes; throws when it never is. */
export async function until(ask: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await ask())) {
    if (performance.now() > deadline) throw new Error(`still not so after ${PATIENCE_MS} ms: ${String(ask)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

let roomsMade = 0;

/** A room name that no other test of this process has. */
export function freshRoom(label = "room"): string {
  roomsMade += 1;
  return `${label} ${roomsMade}`;
}

/** An append of `seq` by one producer, each relying on the one before it. */
export function appendOf(room: string, seq: number, more: Partial<Append> = {}): Append {
  return {
    room,
    from: "ada-identity",
    producer: "producer1",
    seq,
    afterSeq: seq - 1,
    bodyJson: JSON.stringify(`message ${seq}`),
    remember: true,
    admit: "any",
    ...more,
  };
}

/** Appends seq 1 to `count` and returns the offsets. */
export async function fill(
  log: RoomLog,
  room: string,
  count: number,
  more: (seq: number) => Partial<Append> = () => ({}),
): Promise<number[]> {
  const appends: Promise<AppendResult>[] = [];
  for (let seq = 1; seq <= count; seq++) appends.push(log.append(appendOf(room, seq, more(seq))));
  return (await Promise.all(appends)).map(offsetOf);
}

/** The offset of an append that must have been made. */
export function offsetOf(result: AppendResult): number {
  if (result.kind !== "appended") throw new Error(`expected an append, got ${JSON.stringify(result)}`);
  return result.offset;
}

/** Follows a room and keeps what it is told. */
export class TailRecorder {
  readonly events: TailEvent[] = [];
  readonly #waiting: { readonly isMet: () => boolean; readonly resolve: () => void }[] = [];
  #tail: Tail | undefined;

  static async follow(log: RoomLog, room: string): Promise<TailRecorder> {
    const recorder = new TailRecorder();
    recorder.#tail = await log.tail(room, (event) => recorder.#take(event));
    return recorder;
  }

  get offsets(): number[] {
    return this.events.flatMap((event) =>
      event.kind === "messages" ? event.messages.map((message) => message.offset) : [],
    );
  }

  /** Fulfils once `isMet` holds of what was told so far. */
  until(isMet: (recorder: TailRecorder) => boolean): Promise<void> {
    return new Promise((resolve) => {
      if (isMet(this)) resolve();
      else this.#waiting.push({ isMet: () => isMet(this), resolve });
    });
  }

  close(): void {
    this.#tail?.close();
  }

  #take(event: TailEvent): void {
    this.events.push(event);
    for (const waiting of [...this.#waiting]) {
      if (!waiting.isMet()) continue;
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      waiting.resolve();
    }
  }
}

export const WIDE = Object.freeze({ maxMessages: 10_000, maxBytes: Infinity });
