import type { Clock, TimerHandle } from "@parlor/base";
import type { ReceivedFrame } from "@parlor/protocol";
import type { Link, LinkConnection, LinkListener } from "../transports/link.ts";
import type { TransportClose, TransportKind } from "../transports/transport.ts";

/**
 * How long a page has its own connection before it asks for the hub: what it came for is on the screen by then, and
 * what the hub needs to be loaded takes nothing from that.
 */
const SETTLE_MS = 1_000;
/** How long what is under way, and would be lost with the connection, is waited for before the next try to move over. */
const BUSY_MS = 1_000;
/**
 * How long after a hub did not answer a page that has its own connection asks again; it doubles each time. One that did
 * not come in time on a busy machine may be there soon, and else every tab would keep its own.
 */
const ASK_AGAIN_MS = 5_000;
/**
 * How long a hub may be without a connection before a page tries one of its own: a worker may be kept from a server
 * that its page reaches, by a certificate that only the page was told to take, or by an extension.
 */
const HUB_PATIENCE_MS = 4_000;
/** It doubles with each try that failed too: a server that is down is the hub's to ask, not every tab's. */
const MAX_HUB_PATIENCE_MS = 300_000;

/** Of the page that goes first; to be called once it has no connection of its own any more. */
export type LeaveFirst = () => void;

/**
 * A link that does not keep its page waiting for the hub: where there is none yet the first connection is its own, of
 * one page, and whoever comes meanwhile waits for the hub. A moment after its first word the hub is asked, and once that has a connection it takes over, as a better transport
 * would. Where the hub comes to none, the page has its own until it does.
 *
 * Owns:     the connections of the page itself. All others are the hub's.
 */
export class OwnFirstLink implements Link {
  readonly #own: Link;
  readonly #load: () => Promise<Link>;
  readonly #goFirst: () => Promise<LeaveFirst | null>;
  readonly #clock: Clock;
  #shared: Link | null = null;
  #current: Link;
  #patienceMs = HUB_PATIENCE_MS;
  /** Since when the hub is asked, and has no connection. */
  #askedAt: number | null = null;

  /** @param goFirst fulfils with null where there is a hub, or another page goes first */
  constructor(own: Link, load: () => Promise<Link>, goFirst: () => Promise<LeaveFirst | null>, clock: Clock) {
    this.#own = own;
    this.#load = load;
    this.#goFirst = goFirst;
    this.#clock = clock;
    this.#current = own;
  }

  get kind(): TransportKind {
    return this.#current.kind;
  }

  open(listener: LinkListener): LinkConnection {
    const goFirst = this.#shared !== null ? null : this.#goFirst();
    this.#askedAt ??= this.#clock.now();
    return new FirstConnection(listener, this.#clock, {
      own: this.#own,
      goFirst,
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
  /** null: the hub is asked at once. */
  readonly goFirst: null | Promise<LeaveFirst | null>;
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
  #askAgainMs = ASK_AGAIN_MS;
  #patience: TimerHandle | null = null;
  #leaveFirst: LeaveFirst | null = null;

  constructor(listener: LinkListener, clock: Clock, parts: FirstParts) {
    this.#listener = listener;
    this.#clock = clock;
    this.#parts = parts;
    if (parts.goFirst === null) void this.#move();
    parts.goFirst?.then(
      (leaveFirst) => {
        this.#leaveFirst = leaveFirst;
        if (this.#isOver) leaveFirst?.();
        else if (leaveFirst === null) void this.#move();
        else this.#begin();
      },
      () => this.#isOver || this.#begin(),
    );
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
    this.#leaveFirst?.();
    this.#listener.onOpen(this.#opening);
    if (!this.#isOver) this.#listener.onText(frame);
  }

  onLife(): void {
    if (this.#state === "shared") this.#listener.onLife();
  }

  onClose(close: TransportClose): void {
    this.#hub = null;
    if (this.#state === "over") return;
    // Whoever has a connection of its own goes on with it.
    if (this.#state === "own") return this.#askAgain();
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
    this.#leaveFirst?.();
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
        if (!isHeard) {
          this.#parts.onOwn();
          this.#clock.after(SETTLE_MS, () => isOwn() && void this.#move());
        }
        isHeard = true;
        listener.onText(frame);
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
      this.#askAgain();
    }
  }

  #moveLater(): void {
    this.#hub?.close();
    this.#hub = null;
    this.#moveAfter(BUSY_MS);
  }

  #askAgain(): void {
    this.#moveAfter(this.#askAgainMs);
    this.#askAgainMs *= 2;
  }

  #moveAfter(ms: number): void {
    this.#clock.after(ms, () => {
      this.#isMoving = false;
      if (this.#state === "own") void this.#move();
    });
  }
}
