import {
  FIRST_SEARCH_MS,
  MAX_FIRST_SEARCH_MS,
  MAX_SEARCH_PAUSE_MS,
  PROBE_PATIENCE_MS,
  SEARCH_SPREAD,
} from "./bounds.ts";
import type { Clock, Random, TimerHandle } from "@parlor/base";
import type { ReceivedFrame } from "@parlor/protocol";
import type { Contender, ContenderHost } from "./contender.ts";
import { welcomeIn } from "./welcome-in.ts";
import type { TransportKind } from "./transport.ts";

/** Who holds the connection in use. */
export interface BetterHost {
  /** Those that would be better than the one in use, best first. */
  better(): readonly TransportKind[];
  /** Begins a connection. */
  contend(kind: TransportKind, host: ContenderHost): Contender;
  /** Fulfils when `hello` may be asked for. */
  prepare(): Promise<unknown>;
  hello(): readonly string[];
  /** One of them was welcomed, with this frame. The search is over; whoever holds it is its host from now on. */
  found(contender: Contender, frame: ReceivedFrame): void;
}

/**
 * Tries better transports beside a lesser one that works, after growing pauses, with nothing but a
 * `hello`: a room that is subscribed to on both would come twice.
 */
export interface BetterSearch {
  /** Begins to look for what is better than the connection that `host` has. */
  start(host: BetterHost): void;
  stop(): void;
}

export function betterSearch(clock: Clock, random: Random): BetterSearch {
  let host: BetterHost | null = null;
  let timer: TimerHandle | undefined;
  let probe: Contender | undefined;
  /** Those that this round has not come to. */
  let left: readonly TransportKind[] = [];
  let pauseMs = FIRST_SEARCH_MS;
  /** Outlives a connection: one that is cut every 20 s must not be tried beside at every return. */
  let dueAtMs = 0;

  const endProbe = (): void => {
    if (timer !== undefined) clock.cancel(timer);
    probe?.close();
    probe = undefined;
  };
  const stop = (): void => {
    host = null;
    endProbe();
  };
  const pause = (forMs: number): void => {
    dueAtMs = clock.monotonic() + forMs;
    timer = clock.after(forMs * (1 + SEARCH_SPREAD * random()), () => void begin());
  };
  const begin = async (): Promise<void> => {
    const asked = host;
    left = asked?.better() ?? [];
    try {
      await asked?.prepare();
    } catch {
      left = [];
    }
    if (host === asked) next();
  };
  /** Gives the present one up, and tries the next; behind the last it pauses, longer than before. */
  const next = (): void => {
    endProbe();
    const [kind, ...others] = left;
    left = others;
    if (kind === undefined) {
      pauseMs = Math.min(2 * pauseMs, MAX_SEARCH_PAUSE_MS);
      return pause(pauseMs);
    }
    timer = clock.after(PROBE_PATIENCE_MS, next);
    probe = host?.contend(kind, prober);
  };
  const prober: ContenderHost = {
    opening: () => host?.hello() ?? [],
    onText(contender, frame) {
      if (welcomeIn(frame) === null) return next();
      const finder = host;
      probe = undefined;
      stop();
      pauseMs = FIRST_SEARCH_MS;
      dueAtMs = 0;
      finder?.found(contender, frame);
    },
    // A probe has its time, and nothing but a welcome counts.
    onLife: () => undefined,
    onClose: next,
  };
  return {
    start(finder) {
      stop();
      host = finder;
      pause(Math.min(Math.max(dueAtMs - clock.monotonic(), FIRST_SEARCH_MS), MAX_FIRST_SEARCH_MS));
    },
    stop,
  };
}
