import type { Clock, TimerHandle } from "@parlor/base";
import type { Counters } from "./counters.ts";
import { PresenceHistory } from "./presence-history.ts";
import { type PresenceLists, UNPACED_CHARACTERS } from "./presence-lists.ts";
import { SharedFrames } from "./shared-frames.ts";

/** The least time between two frames about a room's list, and about its count, ms. */
const LIST_EVERY_MS = 50;
const COUNT_EVERY_MS = 1_000;

/** How long a newcomer waits for what other processes have to say, ms. */
const KNOWN_WITHIN_MS = 1_000;

/** Where a reader's frames go: a connection, or the server's own code. */
export interface PresenceSink {
  /** Whether it takes a frame now. One that doesn't is asked again when it does. */
  readonly isWritable: boolean;
  /** Who waits for whom where much is told: an address. The server's own code has none, and never waits. */
  readonly group: string | null;
  sendPresence(frames: SharedFrames): void;
}

export interface PresenceRoomDeps {
  readonly clock: Clock;
  readonly counters: Counters;
  /** Whose large frame comes next, of all rooms. */
  readonly lists: PresenceLists;
  /** Does it behind all that this turn of the event loop brings. @default setImmediate */
  readonly atTurnsEnd?: ((task: () => void) => void) | undefined;
}

/**
 * One connection's interest in who is in a room. It is a number and nothing else: while the connection takes
 * nothing, nothing gathers here, and what it gets afterwards is what there is then.
 */
export class PresenceReader {
  readonly #room: PresenceRoom;
  readonly #sink: PresenceSink;
  readonly #version: number | null;
  #serial: number | null = null;
  #isAnswered = false;
  /** Something large is to be told, and others come first. */
  #isWaiting = false;

  /** @param version  What the client has; null for a newcomer. */
  constructor(room: PresenceRoom, sink: PresenceSink, version: number | null) {
    this.#room = room;
    this.#sink = sink;
    this.#version = version;
  }

  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  pump(): void {
    if (this.#isWaiting) return;
    const text = this.#next();
    if (text === null) return;
    if (text.length <= UNPACED_CHARACTERS || this.#sink.group === null) return this.#send(text);
    this.#isWaiting = true;
    this.#room.lists.ask(this);
  }

  /** What a reader that waits is told is what there is when its turn comes. Answers with how much that was. */
  takeTurn(): number {
    this.#isWaiting = false;
    const text = this.#next();
    if (text !== null) this.#send(text);
    return text?.length ?? 0;
  }

  get group(): string {
    return this.#sink.group ?? "";
  }

  /** What it is told now, and no more. */
  #next(): string | null {
    const { isReady, history } = this.#room;
    if (!isReady || !this.#sink.isWritable) return null;
    if (!this.#isAnswered && this.#version !== null) this.#serial = history.serialOf(this.#version);
    return history.behind(this.#serial) ?? (this.#isAnswered ? null : history.unchanged());
  }

  #send(text: string): void {
    this.#isAnswered = true;
    this.#serial = this.#room.history.serial;
    this.#sink.sendPresence(this.#room.shared(text));
  }
}

/**
 * Who is in one room, told to those who asked. What one turn of the event loop brings goes out at its end, then
 * nothing for a while: many who come at once are one frame.
 *
 * Rules: docs/protocol.md, PRESENCE-.
 */
export class PresenceRoom {
  readonly name: string;
  readonly history: PresenceHistory;
  readonly lists: PresenceLists;
  /** What is known is told; before, who comes waits. */
  isReady = false;
  readonly #deps: PresenceRoomDeps;
  readonly #readers = new Set<PresenceReader>();
  readonly #atTurnsEnd: (task: () => void) => void;
  #timer: TimerHandle | null = null;
  #readyTimer: TimerHandle | null = null;
  #isDue = false;
  #lastMs = -Infinity;
  #isClosed = false;
  #shared: SharedFrames | null = null;

  constructor(name: string, shown: () => ReadonlyMap<string, string | null>, deps: PresenceRoomDeps) {
    this.name = name;
    this.#deps = deps;
    this.#atTurnsEnd = deps.atTurnsEnd ?? setImmediate;
    this.history = new PresenceHistory(name, shown);
    this.lists = deps.lists;
  }

  /** Begins: at once where all is known, else when it is, or has taken too long. */
  begin(isKnown: boolean): void {
    if (isKnown) return this.#schedule();
    this.#readyTimer = this.#deps.clock.after(KNOWN_WITHIN_MS, () => this.known());
  }

  /** Every other process has said who is there by it. */
  known(): void {
    if (this.#readyTimer === null || this.#isClosed) return;
    this.#deps.clock.cancel(this.#readyTimer);
    this.#readyTimer = null;
    this.#schedule();
  }

  changed(identity: string): void {
    this.history.changed(identity);
    if (this.#readyTimer === null) this.#schedule();
  }

  /** Whoever is in by then is in the first frame. */
  join(reader: PresenceReader): void {
    this.#readers.add(reader);
    if (this.#readyTimer === null) this.#answerSoon();
  }

  leave(reader: PresenceReader): void {
    this.#readers.delete(reader);
    this.lists.forget(reader);
  }

  /** The same text is the same frames, whoever they go to. */
  shared(text: string): SharedFrames {
    this.#deps.counters.presenceFrames += 1;
    if (this.#shared?.texts[0] !== text) this.#shared = new SharedFrames(() => [text], null, "presence");
    return this.#shared;
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of [this.#timer, this.#readyTimer]) if (timer !== null) this.#deps.clock.cancel(timer);
  }

  /** A list that is about to change is waited for, so that a newcomer sees itself in it. */
  #answerSoon(): void {
    this.#atTurnsEnd(() => {
      if (this.#isClosed || (this.history.hasChanges && !this.history.isCounted)) return;
      for (const reader of this.#readers) if (!reader.isAnswered) reader.pump();
    });
  }

  #schedule(): void {
    if (this.#isDue || this.#timer !== null || this.#isClosed) return;
    const everyMs = this.history.isCounted ? COUNT_EVERY_MS : LIST_EVERY_MS;
    const waitMs = this.#lastMs + everyMs - this.#deps.clock.monotonic();
    if (waitMs > 0) return this.#later(waitMs);
    this.#isDue = true;
    this.#atTurnsEnd(() => {
      this.#isDue = false;
      this.#flush();
    });
  }

  #later(ms: number): void {
    this.#timer ??= this.#deps.clock.after(ms, () => {
      this.#timer = null;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#isClosed) return;
    const nowMs = this.#deps.clock.monotonic();
    this.#lastMs = nowMs;
    const againMs = this.history.advance(nowMs);
    this.isReady = true;
    for (const reader of this.#readers) reader.pump();
    if (againMs !== null) this.#later(Math.max(againMs, COUNT_EVERY_MS));
  }
}
