import { randomId, type Clock, type TimerHandle } from "@parlor/base";
import type { BusListening, SignalBus } from "@parlor/log";
import type { Counters } from "./counters.ts";
import { RecentSignals } from "./recent-signals.ts";
import type { SharedFrames } from "./shared-frames.ts";
import { type Signal, signalChannel, type SignalSender, unpackSignal } from "./signal.ts";
import { type SignalForm, SignalFrames } from "./signal-frames.ts";
import { SignalGathering } from "./signal-gathering.ts";

/** A room whose signals go out at most so often. */
export interface SignalTick {
  /** The least time between two frames to a subscriber, ms. 5 to 60_000. */
  readonly everyMs: number;
  /**
   * How many of one identity's signals a tick tells, the newest; older ones are left out and counted. 1 to 1_000.
   * @default 4
   */
  readonly newestPerIdentity?: number | undefined;
}

/** One connection that asked for the signals of a room. */
export interface SignalReader extends SignalSender {
  readonly form: SignalForm;
  /** Whether so little waits for it that what is stale soon may be added. */
  readonly takesSignals: boolean;
  sendSignals(frames: SharedFrames): void;
}

export interface SignalRoomDeps {
  readonly bus: SignalBus;
  readonly clock: Clock;
  readonly counters: Counters;
  /** Who the server's own code speaks as: that does not wait for a tick. */
  readonly server: SignalSender;
  /** Does it behind all that this turn of the event loop brings. @default setImmediate */
  readonly atTurnsEnd?: ((task: () => void) => void) | undefined;
}

/**
 * The signals of one room, as long as somebody here wants them: what comes over the bus is gathered and told
 * to all. It keeps nothing for anybody: whoever can't take it now does not hear it. Where somebody polls it keeps the
 * last of it for a moment, once for all (recent-signals.ts).
 *
 * Without a tick, what one turn of the event loop brings goes out at its end. With one, a signal that comes
 * after a pause goes out likewise, and then nothing for `everyMs`.
 *
 * Rules: docs/protocol.md, SIGNAL-.
 */
export class SignalRoom {
  readonly name: string;
  /** Fulfils when what other processes say is heard, too. */
  readonly ready: Promise<void>;
  readonly #deps: SignalRoomDeps;
  readonly #everyMs: number;
  readonly #gathering: SignalGathering;
  readonly #readers = new Set<SignalReader>();
  readonly #listeners = new Set<(signal: Signal) => void>();
  #listening: BusListening | null = null;
  #isDue = false;
  #timer: TimerHandle | null = null;
  #lastMs = -Infinity;
  /** Of this room in this process, as long as it is open. */
  readonly #id = randomId(8);
  /** How often something went out. */
  #told = 0;
  #recent: RecentSignals | null = null;
  #isClosed = false;

  constructor(name: string, tick: SignalTick | null, deps: SignalRoomDeps) {
    this.name = name;
    this.#deps = deps;
    this.#everyMs = tick?.everyMs ?? 0;
    this.#gathering = new SignalGathering(tick === null ? Infinity : (tick.newestPerIdentity ?? 4));
    this.ready = deps.bus
      .listen(signalChannel(name), (text) => this.#take(unpackSignal(text)))
      .then((listening) => {
        if (this.#isClosed) listening.close();
        else this.#listening = listening;
      });
  }

  /** @param heard A `mark` up to which it has heard what was said. */
  join(reader: SignalReader, heard?: string): void {
    this.#readers.add(reader);
    const [id, told] = heard?.split(".") ?? [];
    const missed = id === this.#id ? (this.#recent?.behind(Number(told)) ?? []) : [];
    if (missed.length === 0) return;
    // Behind the word that it is subscribed.
    queueMicrotask(() => {
      if (this.#readers.has(reader)) this.#tell(new SignalFrames(this.name, missed), [reader]);
    });
  }

  /** Where a reader stands that has been told all so far. */
  get mark(): string {
    return `${this.#id}.${this.#told}`;
  }

  /** Whether what is said from now on is kept for a moment, for who comes back with a mark. */
  keepRecent(isKept: boolean): void {
    this.#recent = isKept ? (this.#recent ?? new RecentSignals(this.#deps.clock)) : null;
  }

  leave(reader: SignalReader): void {
    this.#readers.delete(reader);
  }

  /** Calls `listener` with each signal as it comes, before it is gathered. It must not throw. */
  listen(listener: (signal: Signal) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): void {
    this.#isClosed = true;
    this.#listening?.close();
    if (this.#timer !== null) this.#deps.clock.cancel(this.#timer);
    this.#gathering.takeAll();
  }

  #take(signal: Signal): void {
    if (this.#isClosed) return;
    for (const listener of this.#listeners) listener(signal);
    if (this.#readers.size === 0 && this.#recent === null) return;
    this.#deps.counters.signalsThinned += this.#gathering.add(signal);
    // What the server says has the server's own measure of time.
    if (signal.from === this.#deps.server.from) this.#endTick();
    this.#schedule();
  }

  #endTick(): void {
    this.#lastMs = -Infinity;
    if (this.#timer !== null) this.#deps.clock.cancel(this.#timer);
    this.#timer = null;
  }

  #schedule(): void {
    if (this.#isDue || this.#timer !== null) return;
    const waitMs = this.#everyMs === 0 ? 0 : this.#lastMs + this.#everyMs - this.#deps.clock.monotonic();
    if (waitMs > 0) {
      this.#timer = this.#deps.clock.after(waitMs, () => {
        this.#timer = null;
        this.#flush();
      });
      return;
    }
    this.#isDue = true;
    (this.#deps.atTurnsEnd ?? setImmediate)(() => {
      this.#isDue = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#isClosed || this.#gathering.isEmpty) return;
    this.#lastMs = this.#deps.clock.monotonic();
    const signals = this.#gathering.takeAll();
    this.#told += 1;
    this.#recent?.add(this.#told, signals);
    if (this.#readers.size > 0) this.#tell(new SignalFrames(this.name, signals), this.#readers);
  }

  #tell(frames: SignalFrames, readers: Iterable<SignalReader>): void {
    const { counters } = this.#deps;
    for (const reader of readers) {
      const told = frames.for(reader.form, reader);
      if (told === null) continue;
      if (!reader.takesSignals) {
        counters.signalsDropped += told.signalCount;
        continue;
      }
      reader.sendSignals(told.frames);
      counters.signalsDelivered += told.signalCount;
    }
  }
}
