import type { Clock, TimerHandle } from "@parlor/base";

const LOOK_EVERY_MS = 250;
const ASK_EVERY_MS = 500;
/** A stream whose leader said nothing for so long has none. With the pause between two looks it is below 2 s. */
const SILENT_MS = 1_600;

export interface StreamLeadersOptions {
  readonly streams: readonly string[];
  /** Fulfils when the stream's leader answers and can store something; rejects in a second where none does. */
  readonly ask: (stream: string) => Promise<unknown>;
  readonly clock: Clock;
  /** A stream lost its leader, or has one again; with what was said last of why it has none. */
  readonly onChange: (stream: string, isLed: boolean, why: unknown) => void;
}

interface Watched {
  readonly stream: string;
  answeredMs: number;
  askedMs: number;
  isAsked: boolean;
  isLed: boolean;
  why: unknown;
}

/**
 * Knows which streams have a leader, by asking twice a second: a node may well be connected, to a server that is fine,
 * while nobody can store anything.
 */
export class StreamLeaders {
  readonly #options: StreamLeadersOptions;
  readonly #watched: readonly Watched[];
  #timer: TimerHandle;
  #lookedMs: number;

  constructor(options: StreamLeadersOptions) {
    this.#options = options;
    const nowMs = options.clock.monotonic();
    this.#watched = options.streams.map((stream) => ({
      ...{ stream, answeredMs: nowMs, askedMs: -Infinity },
      ...{ isAsked: false, isLed: true, why: null },
    }));
    this.#lookedMs = nowMs;
    this.#timer = options.clock.after(LOOK_EVERY_MS, () => this.#look());
  }

  close(): void {
    this.#options.clock.cancel(this.#timer);
  }

  #look(): void {
    const { clock } = this.#options;
    const nowMs = clock.monotonic();
    // A process that was held up has answers to read before it judges.
    const isLate = nowMs - this.#lookedMs > 2 * LOOK_EVERY_MS;
    this.#lookedMs = nowMs;
    for (const watched of this.#watched) {
      if (!watched.isAsked && nowMs - watched.askedMs >= ASK_EVERY_MS) this.#ask(watched);
      if (!isLate && nowMs - watched.answeredMs >= SILENT_MS) this.#set(watched, false);
    }
    this.#timer = clock.after(LOOK_EVERY_MS, () => this.#look());
  }

  #ask(watched: Watched): void {
    const { ask, clock } = this.#options;
    watched.isAsked = true;
    watched.askedMs = clock.monotonic();
    ask(watched.stream)
      .then(() => {
        watched.answeredMs = clock.monotonic();
        this.#set(watched, true);
      })
      // Who does not lead does not answer: it is asked again, and its silence counts.
      .catch((error: unknown) => (watched.why = error))
      .finally(() => (watched.isAsked = false));
  }

  #set(watched: Watched, isLed: boolean): void {
    if (watched.isLed === isLed) return;
    watched.isLed = isLed;
    this.#options.onChange(watched.stream, isLed, watched.why);
  }
}
