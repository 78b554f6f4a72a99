import type { TimerHandle } from "@parlor/base";
import type { ReceivedFrame } from "@parlor/protocol";
import type { BetterHost, BetterSearch } from "./better-search.ts";
import type { Contender, ContenderHost } from "./contender.ts";
import { isWelcome } from "./is-welcome.ts";
import type { LinkConnection, LinkListener } from "./link.ts";
import type { Interim, Means } from "./means.ts";
import { Race, type RaceEffect } from "./race.ts";
import type { Transport, TransportClose, TransportKind } from "./transport.ts";
import type { TransportTrust } from "./transport-trust.ts";

/** A server says something at each heartbeat; a transport that swallows all was heard for less than one. */
const SILENT_LIFE_MS = 30_000;
/** The server heard nothing for one and a half heartbeats. */
const CLOSE_HEARTBEAT = 4002;

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

/** Every so many lost tries everything is tried; not at each, for the sake of a server that is down. */
const THOROUGH_EVERY = 3;

/**
 * One connection of the client, over whichever transport wins; and, where that is a lesser one, over a
 * better one as soon as that is welcomed.
 *
 * Owns:     the contenders, and which of them is heard.
 * Leaves:   who starts when (race.ts), what is tried beside (better-search.ts), what is learned of it
 *           (transport-history.ts, transport-trust.ts), what a change of the transport means for the rooms (client-core.ts).
 */
export class RacingConnection implements LinkConnection, ContenderHost, BetterHost {
  readonly #parts: RacingParts;
  readonly #listener: LinkListener;
  readonly #quick: Interim | null;
  readonly #race: Race;
  readonly #runners = new Map<TransportKind, Contender>();
  #timer: TimerHandle | null = null;
  #winner: Contender | null = null;
  #wonAtMs = 0;
  #heardAtMs = 0;
  #isOver = false;

  /**
   * @param begun Was tried alone so far, and is the first of the race.
   * @param quick Stands until somebody wins.
   */
  constructor(parts: RacingParts, listener: LinkListener, begun: Contender | null, quick: Interim | null) {
    this.#parts = parts;
    this.#listener = listener;
    this.#quick = quick;
    const { trust, means } = parts;
    const order = trust.order(means.kinds, means.history.won, this.#nowMs);
    this.#race = new Race({
      order: begun === null ? order : [begun.kind, ...order.filter((kind) => kind !== begun.kind)],
      headStartMs: means.history.headStartMs,
      isThorough: parts.losses % THOROUGH_EVERY === THOROUGH_EVERY - 1,
    });
    if (begun !== null) {
      begun.host = this;
      this.#runners.set(begun.kind, begun);
    }
    this.#perform(this.#race.begin());
    if (begun === null) return;
    const { ended } = begun;
    if (ended === null) this.#perform(this.#race.late());
    // Whoever opened this must know it before being told of its end.
    else queueMicrotask(() => this.onClose(begun, ended));
  }

  send(text: string): void {
    this.#winner?.send(text);
  }

  close(cause?: "silence"): void {
    if (this.#isOver) return;
    if (cause !== undefined) this.#blame();
    this.#end();
  }

  opening(): readonly string[] {
    return this.#listener.opening();
  }

  onText(contender: Contender, frame: ReceivedFrame): void {
    if (this.#isOver || (this.#winner ?? contender) !== contender) return;
    const isFirst = this.#winner === null;
    if (isFirst) {
      this.#perform(this.#race.answered(contender.kind));
      // Else it is a refusal, of which nothing is learned.
      if (isWelcome(frame)) this.#learn(contender);
      this.#quick?.end();
      this.#listener.onOpen(contender.opening);
    }
    this.#heardAtMs = this.#nowMs;
    this.#listener.onText(frame);
    if (isFirst) this.#seek();
  }

  onLife(contender: Contender): void {
    if (contender !== this.#winner) return;
    this.#heardAtMs = this.#nowMs;
    this.#listener.onLife();
  }

  onClose(contender: Contender, close: TransportClose): void {
    if (this.#isOver) return;
    if (contender !== this.#winner) return this.#perform(this.#race.failed(contender.kind, close));
    const isQuiet = this.#nowMs - this.#heardAtMs > SILENT_LIFE_MS;
    if (close.code === CLOSE_HEARTBEAT || (close.code === 1006 && isQuiet)) this.#blame();
    else if (close.code === 1006) {
      this.#parts.trust.broke(contender.kind, this.#nowMs, this.#nowMs - this.#wonAtMs);
    }
    this.#end();
    this.#listener.onClose(close);
  }

  better(): readonly TransportKind[] {
    const { means, trust } = this.#parts;
    const place = means.kinds.indexOf(this.#winner?.kind ?? "websocket");
    return means.kinds.slice(0, place).filter((kind) => !trust.isDistrusted(kind, this.#nowMs));
  }

  contend(kind: TransportKind, host: ContenderHost): Contender {
    return this.#parts.means.contend(this.#parts.transport(kind), host);
  }

  prepare(): Promise<unknown> {
    return this.#listener.prepare();
  }

  hello(): readonly string[] {
    return this.#listener.opening().slice(0, 1);
  }

  found(contender: Contender, frame: ReceivedFrame): void {
    // A request can't be asked again: while one is under way, what is better has to wait.
    if (this.#listener.isBusy?.() === true) {
      contender.close();
      return this.#seek();
    }
    // Dropped before anything goes out on the new one: what it would still bring comes there again.
    this.#winner?.close();
    contender.host = this;
    this.#winner = contender;
    this.#learn(contender);
    this.#heardAtMs = this.#nowMs;
    this.#listener.onOpen(contender.opening);
    this.#listener.onText(frame);
    this.#seek();
  }

  get #nowMs(): number {
    return this.#parts.means.clock.monotonic();
  }

  #learn({ kind, startedAtMs }: Contender): void {
    this.#wonAtMs = this.#nowMs;
    this.#parts.means.history.welcomed(kind, this.#nowMs - startedAtMs);
    this.#parts.kind = kind;
    this.#parts.losses = 0;
  }

  /** It went silent: its own fault, if it was hardly ever heard; else the network's, or a machine's that slept. */
  #blame(): void {
    const { trust } = this.#parts;
    const isSwallowed = this.#heardAtMs - this.#wonAtMs < SILENT_LIFE_MS;
    if (this.#winner !== null && isSwallowed) trust.distrust(this.#winner.kind, this.#nowMs);
  }

  /** Looks for something better, where there could be. */
  #seek(): void {
    if (!this.#isOver && this.#winner?.kind !== this.#parts.means.kinds[0]) this.#parts.search.start(this);
  }

  #perform(effects: readonly RaceEffect[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case "start":
          this.#start(effect.runner);
          break;
        case "timer":
          this.#stopTimer();
          this.#timer = this.#parts.means.clock.after(effect.afterMs, () => this.#perform(this.#race.late()));
          break;
        case "win":
          this.#winner = this.#runners.get(effect.runner) ?? null;
          this.#stopTimer();
          for (const runner of this.#runners.values()) if (runner !== this.#winner) runner.close();
          break;
        case "lose":
          this.#parts.losses += 1;
          this.#end();
          this.#listener.onClose(effect.close);
          break;
      }
    }
  }

  #start(kind: TransportKind): void {
    if (this.#runners.has(kind)) return;
    this.#runners.set(kind, this.contend(kind, this));
  }

  #stopTimer(): void {
    if (this.#timer !== null) this.#parts.means.clock.cancel(this.#timer);
    this.#timer = null;
  }

  #end(): void {
    this.#isOver = true;
    this.#quick?.end();
    this.#stopTimer();
    this.#parts.search.stop();
    for (const runner of this.#runners.values()) runner.close();
    this.#winner?.close();
  }
}
