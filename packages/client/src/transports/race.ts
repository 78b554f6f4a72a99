import type { TransportClose, TransportKind } from "./transport.ts";

/** What a race wants done. */
export interface RaceHost {
  readonly start: (runner: TransportKind) => void;
  /** Call `late` after this time, in place of an earlier wish. */
  readonly wait: (forMs: number) => void;
  /** Nothing can be reached this time. Those that still run are to be closed. */
  readonly lose: (close: TransportClose) => void;
}

export interface Race {
  readonly begin: () => void;
  /** The head start is over; behind the last starter, so is all patience. */
  readonly late: () => void;
  /** A runner got the server's first frame: it has won, and nothing counts any more. */
  readonly answered: () => void;
  readonly failed: (runner: TransportKind, close: TransportClose) => void;
}

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
export function race(
  { order, headStartMs, isThorough }: RaceSettings,
  { start, wait, lose }: RaceHost,
): Race {
  const running = new Set<TransportKind>();
  const failures: { readonly runner: TransportKind; readonly close: TransportClose }[] = [];
  let waiting = order;
  let ownHeadStartMs = headStartMs;
  let isOver = false;

  /** What the server itself said: in an HTTP answer, or with a close code of its own. */
  const refused = (): TransportClose | undefined =>
    failures.find(({ close: { code, refusal } }) => {
      // A server that does not offer one way may offer another.
      return code >= 4000 || (refusal !== undefined && refusal.code !== "unknown-frame");
    })?.close;

  const startNext = (): void => {
    const [runner, ...rest] = waiting;
    if (runner === undefined) return;
    waiting = rest;
    running.add(runner);
    start(runner);
    wait(rest.length > 0 ? ownHeadStartMs : PATIENCE_MS);
    ownHeadStartMs *= 2;
  };

  const end = (): void => {
    isOver = true;
    const tried = failures.map(({ runner, close: { reason } }) => NAMES[runner] + (reason && `: ${reason}`));
    const [first] = failures;
    const alone = failures.length === 1 ? first?.close : undefined;
    lose(refused() ?? alone ?? { code: 1006, reason: `tried ${tried.join("; ")}` });
  };

  return {
    begin: startNext,
    late() {
      if (isOver) return;
      if (refused() === undefined && waiting.length > 0) return startNext();
      for (const runner of running) failures.push({ runner, close: SILENT });
      end();
    },
    answered() {
      isOver = true;
    },
    failed(runner, close) {
      if (isOver) return;
      running.delete(runner);
      failures.push({ runner, close });
      if (runner !== "websocket" && close.code === 1006 && !isThorough)
        waiting = waiting.filter((kind) => kind === "websocket");
      if (refused() !== undefined) {
        waiting = [];
        if (running.size > 0) return wait(headStartMs);
      }
      if (waiting.length > 0) startNext();
      else if (running.size === 0) end();
    },
  };
}
