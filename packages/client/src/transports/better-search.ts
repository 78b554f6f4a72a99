import type { Clock, Random, TimerHandle } from "@parlor/base";
import type { ReceivedFrame } from "@parlor/protocol";
import type { Contender, ContenderHost } from "./contender.ts";
import { isWelcome } from "./is-welcome.ts";
import type { TransportKind } from "./transport.ts";

const FIRST_PAUSE_MS = 3_000;
const MAX_PAUSE_MS = 300_000;
/** On a connection that is new the first try is at most so far away: the network may be another one. */
const MAX_FIRST_PAUSE_MS = 30_000;
/** Pauses are spread by this share, so that clients which were cut at one moment do not all try at one. */
const SPREAD = 0.25;
/** How long each may take to its welcome. */
const PATIENCE_MS = 5_000;

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
export class BetterSearch implements ContenderHost {
  readonly #clock: Clock;
  readonly #random: Random;
  #host: BetterHost | null = null;
  #timer: TimerHandle | null = null;
  #probe: Contender | null = null;
  /** Those that this round has not come to. */
  #left: readonly TransportKind[] = [];
  #pauseMs = FIRST_PAUSE_MS;
  /** Outlives a connection: one that is cut every 20 s must not be tried beside at every return. */
  #dueAtMs = 0;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Begins to look for what is better than the connection that `host` has. */
  start(host: BetterHost): void {
    this.stop();
    this.#host = host;
    const leftMs = this.#dueAtMs - this.#clock.monotonic();
    this.#pause(Math.min(Math.max(leftMs, FIRST_PAUSE_MS), MAX_FIRST_PAUSE_MS));
  }

  stop(): void {
    this.#host = null;
    this.#endProbe();
  }

  opening(): readonly string[] {
    return this.#host?.hello() ?? [];
  }

  onText(probe: Contender, frame: ReceivedFrame): void {
    const host = this.#host;
    if (host === null || !isWelcome(frame)) return this.#next();
    this.#probe = null;
    this.stop();
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#dueAtMs = 0;
    host.found(probe, frame);
  }

  onLife(): void {
    // A probe has its time, and nothing but a welcome counts.
  }

  onClose(): void {
    this.#next();
  }

  #pause(forMs: number): void {
    this.#dueAtMs = this.#clock.monotonic() + forMs;
    this.#timer = this.#clock.after(forMs * (1 + SPREAD * this.#random()), () => this.#begin());
  }

  #begin(): void {
    const host = this.#host;
    if (host === null) return;
    this.#left = host.better();
    const goOn = (): void => {
      if (this.#host === host) this.#next();
    };
    host.prepare().then(goOn, () => {
      this.#left = [];
      goOn();
    });
  }

  /** Gives the present one up, and tries the next; behind the last it pauses, longer than before. */
  #next(): void {
    this.#endProbe();
    const host = this.#host;
    if (host === null) return;
    const [kind, ...left] = this.#left;
    this.#left = left;
    if (kind === undefined) {
      this.#pauseMs = Math.min(2 * this.#pauseMs, MAX_PAUSE_MS);
      return this.#pause(this.#pauseMs);
    }
    this.#timer = this.#clock.after(PATIENCE_MS, () => this.#next());
    this.#probe = host.contend(kind, this);
  }

  #endProbe(): void {
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
    this.#timer = null;
    this.#probe?.close();
    this.#probe = null;
  }
}
