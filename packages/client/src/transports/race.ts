import type { TransportClose, TransportKind } from "./transport.ts";

/** What a race wants done, in the order of the list. */
export type RaceEffect =
  | { readonly kind: "start"; readonly runner: TransportKind }
  /** Call `late` after this time, in place of an earlier wish. */
  | { readonly kind: "timer"; readonly afterMs: number }
  /** Close all others. */
  | { readonly kind: "win"; readonly runner: TransportKind }
  /** Nothing can be reached this time. Those that still run are to be closed. */
  | { readonly kind: "lose"; readonly close: TransportClose };

export interface RaceSettings {
  /** Who starts first, second, … */
  readonly order: readonly TransportKind[];
  /** How long a runner is alone before the next starts beside it. The one after it gets twice that. */
  readonly headStartMs: number;
  /**
   * Tries everything. Else, where nobody answers one kind of HTTP request, the other kind is not tried:
   * a server that is down must not get three requests of everybody at every try.
   */
  readonly isThorough: boolean;
}

/** How long the last that started may take; the client gives the whole try 10 s. */
const PATIENCE_MS = 8_000;
const SILENT: TransportClose = { code: 1006, reason: "no answer" };

const NAMES: Readonly<Record<TransportKind, string>> = {
  websocket: "WebSocket",
  stream: "event stream",
  poll: "long polling",
};

/**
 * One try to connect, by one transport after the other and beside each other: the first that is
 * answered wins.
 *
 *     websocket  ├─────────────────────── … nothing
 *     stream             ├───── welcome: wins, the others are closed
 *     poll               :            ├ (would start here)
 *                head start     twice that
 *
 * One that fails outright makes the next start at once. A refusal in the server's words would meet all
 * the others as well, so nothing more starts after it, and those that run get one more head start.
 *
 * Owns:     who runs, who is next, what to say when all have failed.
 * Leaves:   connections and timers (racing-connection.ts); what is learned of it (transport-history.ts).
 */
export class Race {
  readonly #settings: RaceSettings;
  readonly #running = new Set<TransportKind>();
  readonly #failures: { readonly runner: TransportKind; readonly close: TransportClose }[] = [];
  #waiting: readonly TransportKind[];
  #headStartMs: number;
  #isOver = false;

  constructor(settings: RaceSettings) {
    this.#settings = settings;
    this.#waiting = settings.order;
    this.#headStartMs = settings.headStartMs;
  }

  begin(): readonly RaceEffect[] {
    return this.#startNext();
  }

  /** The head start is over; behind the last starter, so is all patience. */
  late(): readonly RaceEffect[] {
    if (this.#isOver) return [];
    if (this.#refusal === undefined && this.#waiting.length > 0) return this.#startNext();
    for (const runner of this.#running) this.#failures.push({ runner, close: SILENT });
    return this.#lose();
  }

  /** A runner got the server's first frame. */
  answered(runner: TransportKind): readonly RaceEffect[] {
    if (this.#isOver) return [];
    this.#isOver = true;
    return [{ kind: "win", runner }];
  }

  failed(runner: TransportKind, close: TransportClose): readonly RaceEffect[] {
    if (this.#isOver) return [];
    this.#running.delete(runner);
    this.#failures.push({ runner, close });
    const isHttp = runner !== "websocket";
    if (isHttp && close.code === 1006 && !this.#settings.isThorough) {
      this.#waiting = this.#waiting.filter((kind) => kind === "websocket");
    }
    if (this.#refusal !== undefined) {
      this.#waiting = [];
      if (this.#running.size > 0) return [{ kind: "timer", afterMs: this.#settings.headStartMs }];
    }
    if (this.#waiting.length > 0) return this.#startNext();
    return this.#running.size > 0 ? [] : this.#lose();
  }

  /** What the server itself said: in an HTTP answer, or with a close code of its own. */
  get #refusal(): TransportClose | undefined {
    return this.#failures.find(({ close: { code, refusal } }) => {
      // A server that does not offer one way may offer another.
      return code >= 4000 || (refusal !== undefined && refusal.code !== "unknown-frame");
    })?.close;
  }

  #startNext(): readonly RaceEffect[] {
    const [runner, ...rest] = this.#waiting;
    if (runner === undefined) return [];
    this.#waiting = rest;
    this.#running.add(runner);
    const start = { kind: "start", runner } as const;
    if (rest.length === 0) return [start, { kind: "timer", afterMs: PATIENCE_MS }];
    const afterMs = this.#headStartMs;
    this.#headStartMs *= 2;
    return [start, { kind: "timer", afterMs }];
  }

  #lose(): readonly RaceEffect[] {
    this.#isOver = true;
    return [{ kind: "lose", close: this.#refusal ?? this.#sumUp() }];
  }

  #sumUp(): TransportClose {
    const [first, ...others] = this.#failures;
    if (first !== undefined && others.length === 0) return first.close;
    const tried = this.#failures.map(({ runner, close }) => {
      return `${NAMES[runner]}${close.reason && `: ${close.reason}`}`;
    });
    return { code: 1006, reason: `tried ${tried.join("; ")}` };
  }
}
