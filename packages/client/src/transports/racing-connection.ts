import { CLOSE_HEARTBEAT, SILENT_LIFE_MS, THOROUGH_EVERY, UNHEARD_HEARTBEATS } from "./bounds.ts";
import type { TimerHandle } from "@parlor/base";
import type { ReceivedFrame } from "@parlor/protocol";
import type { BetterHost, BetterSearch } from "./better-search.ts";
import type { Contender, ContenderHost } from "./contender.ts";
import type { LinkConnection, LinkListener } from "./link.ts";
import type { Means } from "./means.ts";
import { race } from "./race.ts";
import type { Transport, TransportKind } from "./transport.ts";
import type { TransportTrust } from "./transport-trust.ts";
import { welcomeIn } from "./welcome-in.ts";

/** What outlives a connection. */
export interface RacingParts {
  readonly means: Means;
  readonly trust: TransportTrust;
  readonly search: BetterSearch;
  transport(kind: TransportKind): Transport;
  /** The one in use. */
  kind: TransportKind;
  /** Tries in a row that were lost by all who took part. */
  losses: number;
}

/** What a client began before the race. */
export interface Before {
  /** Who starts when, where somebody runs already. */
  order?(kinds: readonly TransportKind[]): readonly TransportKind[];
  /** Who runs already; null where nobody does. */
  contend?(kind: TransportKind, host: ContenderHost): Contender | null;
  /** The first has started. */
  begun?(late: () => void): void;
  /** Somebody won, or nobody will. Twice is the same as once. */
  end?(): void;
}

/**
 * One connection of the client, over whichever transport wins; and, where that is a lesser one, over a
 * better one as soon as that is welcomed.
 *
 * Owns:     the contenders, and which of them is heard.
 * Leaves:   who starts when (race.ts), what is tried beside (better-search.ts), what is learned of it
 *           (transport-history.ts, transport-trust.ts), what a change of the transport means for the rooms (client-core.ts).
 *
 * @param before What there is of it already.
 */
export function openRacing(parts: RacingParts, listener: LinkListener, before: Before = {}): LinkConnection {
  const { means, trust, search } = parts;
  const { clock, history, kinds } = means;
  const runners = new Map<TransportKind, Contender>();
  let timer: TimerHandle | undefined;
  let winner: Contender | null = null;
  let wonAtMs = 0;
  let heardAtMs = 0;
  /** One that the server closes before then for want of life has taken nothing up since its opening. */
  let unheardUntilMs = 0;
  let isOver = false;

  const now = (): number => clock.monotonic();
  const stopTimer = (): void => {
    if (timer !== undefined) clock.cancel(timer);
  };
  const closeAllBut = (kept: Contender | null): void => {
    before.end?.();
    stopTimer();
    for (const runner of runners.values()) if (runner !== kept) runner.close();
  };
  const end = (): void => {
    isOver = true;
    search.stop();
    closeAllBut(null);
  };
  /** It went silent: its own fault, if it was hardly ever heard; else the network's, or a machine's that slept. */
  const blame = (): void => {
    if (winner !== null && heardAtMs - wonAtMs < SILENT_LIFE_MS) trust.distrust(winner.kind, now());
  };
  const contend = (kind: TransportKind, own: ContenderHost): Contender =>
    means.contend(parts.transport(kind), own);
  const hear = (frame: ReceivedFrame): void => {
    heardAtMs = now();
    listener.onText(frame);
  };
  /** Looks for something better, where there could be. */
  const seek = (): void => {
    if (!isOver && winner?.kind !== kinds[0]) search.start(finder);
  };
  /** From now on it is the one in use; this is the first that it was told. */
  const use = (contender: Contender, frame: ReceivedFrame): void => {
    const { kind, opening } = contender;
    // The one so far is dropped before anything goes out on the new one: what it would still bring comes there again.
    closeAllBut(contender);
    winner = contender;
    contender.host = host;
    runners.set(kind, contender);
    // Else it is a refusal, of which nothing is learned.
    const welcome = welcomeIn(frame);
    if (welcome !== null) {
      wonAtMs = now();
      unheardUntilMs = wonAtMs + UNHEARD_HEARTBEATS * (welcome["heartbeatMs"] as number);
      history.welcomed(kind, wonAtMs - contender.startedAtMs);
      parts.kind = kind;
      parts.losses = 0;
    }
    listener.onOpen(opening);
    hear(frame);
    seek();
  };

  const host: ContenderHost = {
    opening: () => listener.opening(),
    onText(contender, frame) {
      if (contender === winner) return hear(frame);
      if (isOver || winner !== null) return;
      answered();
      use(contender, frame);
    },
    onLife(contender) {
      if (contender !== winner) return;
      heardAtMs = now();
      listener.onLife();
    },
    onClose(contender, close) {
      if (isOver) return;
      const { kind } = contender;
      if (contender !== winner) return failed(kind, close);
      const isBreak = close.code === 1006;
      // However much came down on it: this end does not see what is swallowed on its way up.
      const isUnheard = close.code === CLOSE_HEARTBEAT && now() < unheardUntilMs;
      if (close.isHeld || isUnheard) trust.distrust(kind, now());
      else if (isBreak && now() - heardAtMs > SILENT_LIFE_MS) blame();
      else if (isBreak) trust.broke(kind, now(), now() - wonAtMs);
      end();
      listener.onClose(close);
    },
  };

  const finder: BetterHost = {
    better() {
      const lesser = kinds.indexOf(winner?.kind ?? "websocket");
      return kinds.slice(0, lesser).filter((kind) => !trust.isDistrusted(kind, now()));
    },
    contend,
    prepare: () => listener.prepare(),
    hello: () => listener.opening().slice(0, 1),
    found(contender, frame) {
      // A request can't be asked again: while one is under way, what is better has to wait.
      if (listener.isBusy?.() !== true) return use(contender, frame);
      contender.close();
      seek();
    },
  };

  const order = trust.order(kinds, history.won, now());
  const { begin, late, answered, failed } = race(
    {
      order: before.order?.(order) ?? order,
      headStartMs: history.headStartMs,
      isThorough: parts.losses % THOROUGH_EVERY === THOROUGH_EVERY - 1,
    },
    {
      start(kind) {
        runners.set(kind, before.contend?.(kind, host) ?? contend(kind, host));
      },
      wait(forMs) {
        stopTimer();
        timer = clock.after(forMs, late);
      },
      lose(close) {
        parts.losses += 1;
        end();
        listener.onClose(close);
      },
    },
  );
  begin();
  before.begun?.(late);
  return {
    send: (text) => winner?.send(text),
    close(cause) {
      if (isOver) return;
      if (cause !== undefined) blame();
      end();
    },
  };
}
