import type { Clock, TimerHandle } from "@parlor/base";
import type { ReceivedFrame } from "@parlor/protocol";
import type { Link, LinkConnection, LinkListener } from "../transports/link.ts";
import type { TransportClose, TransportKind } from "../transports/transport.ts";

/** How long what is under way, and would be lost with the connection, is waited for before the next try to move over. */
const BUSY_MS = 1_000;
/**
 * How long a hub may be without a connection before a page tries one of its own: a worker may be kept from a server
 * that its page reaches, by a certificate that only the page was told to take, or by an extension.
 */
const HUB_PATIENCE_MS = 4_000;
/** It doubles with each try that failed too: a server that is down is the hub's to ask, not every tab's. */
const MAX_HUB_PATIENCE_MS = 300_000;

/**
 * A link that does not keep its page waiting for the hub: where there is none yet the first connection is its own,
 * and the hub, once it has a connection, takes over from it as a better transport would. Where the hub comes to none,
 * the page has its own until it does.
 *
 * Owns:     the connections of the page itself. All others are the hub's.
 */
export class OwnFirstLink implements Link {
  readonly #own: Link;
  readonly #load: () => Promise<Link>;
  readonly #hasHub: () => Promise<boolean>;
  readonly #clock: Clock;
  #shared: Link | null = null;
  #current: Link;
  #patienceMs = HUB_PATIENCE_MS;
  /** Since when the hub is asked, and has no connection. */
  #askedAt: number | null = null;

  constructor(own: Link, load: () => Promise<Link>, hasHub: () => Promise<boolean>, clock: Clock) {
    this.#own = own;
    this.#load = load;
    this.#hasHub = hasHub;
    this.#clock = clock;
    this.#current = own;
  }

  get kind(): TransportKind {
    return this.#current.kind;
  }

  open(listener: LinkListener): LinkConnection {
    const hasHub = this.#shared !== null || this.#hasHub();
    this.#askedAt ??= this.#clock.now();
    return new FirstConnection(listener, this.#clock, {
      own: this.#own,
      hasHub,
      patienceMs: Math.max(0, this.#askedAt + this.#patienceMs - this.#clock.now()),
      shared: () => this.#shared ?? this.#load().then((link) => (this.#shared ??= link)),
      onShared: () => this.#settle(this.#shared ?? this.#own),
      onOwn: () => this.#settle(this.#own),
      onFailed: () => {
        this.#askedAt = null;
        this.#patienceMs = Math.min(2 * this.#patienceMs, MAX_HUB_PATIENCE_MS);
      },
    });
  }

  #settle(current: Link): void {
    this.#current = current;
    this.#askedAt = null;
    this.#patienceMs = HUB_PATIENCE_MS;
  }
}

interface FirstParts {
  readonly own: Link;
  readonly hasHub: true | Promise<boolean>;
  /** How long the hub may be without a connection. */
  readonly patienceMs: number;
  shared(): Link | Promise<Link>;
  /** From now on it is the hub's. */
  onShared(): void;
  /** The page's own connection is heard. */
  onOwn(): void;
  /** Neither came to one. */
  onFailed(): void;
}

class FirstConnection implements LinkConnection, LinkListener {
  readonly #listener: LinkListener;
  readonly #clock: Clock;
  readonly #parts: FirstParts;
  #own: LinkConnection | null = null;
  #hub: LinkConnection | null = null;
  #state: "asking" | "own" | "shared" | "over" = "asking";
  /** The hub's, between its handing over and its welcome. */
  #opening: readonly string[] = [];
  #isMoving = false;
  #patience: TimerHandle | null = null;

  constructor(listener: LinkListener, clock: Clock, parts: FirstParts) {
    this.#listener = listener;
    this.#clock = clock;
    this.#parts = parts;
    const begin = (hasHub: boolean): void => {
      if (this.#state !== "asking") return;
      if (hasHub) void this.#move();
      else this.#begin();
    };
    if (parts.hasHub === true) begin(true);
    else parts.hasHub.then(begin, () => begin(false));
  }

  get isBrief(): boolean {
    return this.#own?.isBrief === true;
  }

  send(text: string): void {
    (this.#state === "shared" ? this.#hub : this.#own)?.send(text);
  }

  close(cause?: "silence"): void {
    this.#end();
    this.#own?.close(cause);
    this.#hub?.close(cause);
  }

  opening(): readonly string[] {
    return (this.#opening = this.#listener.opening());
  }

  /** The hub's connection says its first word. */
  onOpen(opening = this.#opening): void {
    this.#opening = opening;
  }

  onText(frame: ReceivedFrame): void {
    if (this.#state === "over") return;
    if (this.#state === "shared") return this.#listener.onText(frame);
    // What can't be asked again is waited for.
    if (this.#state === "own" && this.#listener.isBusy?.() === true) return this.#moveLater();
    this.#state = "shared";
    this.#bePatient(null);
    this.#parts.onShared();
    this.#own?.close();
    this.#own = null;
    this.#listener.onOpen(this.#opening);
    if (!this.#isOver) this.#listener.onText(frame);
  }

  onLife(): void {
    if (this.#state === "shared") this.#listener.onLife();
  }

  onClose(close: TransportClose): void {
    this.#hub = null;
    if (this.#state === "over") return;
    // Whoever has a connection of its own goes on with it; the next one asks the hub again.
    if (this.#state === "own") return;
    this.#end();
    this.#listener.onClose(close);
  }

  isBusy(): boolean | undefined {
    return this.#listener.isBusy?.();
  }

  prepare(): Promise<unknown> {
    return this.#listener.prepare();
  }

  get #isOver(): boolean {
    return this.#state === "over";
  }

  #end(): void {
    this.#state = "over";
    this.#bePatient(null);
  }

  #bePatient(ms: number | null): void {
    if (this.#patience !== null) this.#clock.cancel(this.#patience);
    this.#patience =
      ms === null ? null : this.#clock.after(ms, () => this.#state === "asking" && this.#begin());
  }

  #begin(): void {
    this.#state = "own";
    const listener = this.#listener;
    const isOwn = (): boolean => this.#state === "own";
    let isHeard = false;
    this.#own = this.#parts.own.open({
      opening: () => listener.opening(),
      onOpen: (opening) => isOwn() && listener.onOpen(opening),
      onText: (frame) => {
        if (!isOwn()) return;
        if (!isHeard) this.#parts.onOwn();
        isHeard = true;
        listener.onText(frame);
        void this.#move();
      },
      onLife: () => isOwn() && listener.onLife(),
      onClose: (close) => {
        if (!isOwn()) return;
        if (!isHeard) this.#parts.onFailed();
        this.close();
        listener.onClose(close);
      },
      isBusy: () => listener.isBusy?.(),
      prepare: () => listener.prepare(),
    });
  }

  /** Once: asks the hub, and moves over when it answers. */
  async #move(): Promise<void> {
    if (this.#isMoving) return;
    this.#isMoving = true;
    if (this.#state === "asking") this.#bePatient(this.#parts.patienceMs);
    try {
      const shared = this.#parts.shared();
      const link = shared instanceof Promise ? await shared : shared;
      if (!this.#isOver) this.#hub = link.open(this);
    } catch {
      // It could not be loaded: the connection that there is remains, or is begun.
      if (this.#state === "asking") this.#begin();
    }
  }

  #moveLater(): void {
    this.#hub?.close();
    this.#hub = null;
    this.#clock.after(BUSY_MS, () => {
      this.#isMoving = false;
      if (this.#state === "own") void this.#move();
    });
  }
}
