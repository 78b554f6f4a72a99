import type { Clock } from "@parlor/base";
import type { ReceivedFrame } from "@parlor/protocol";
import type { Link, LinkConnection, LinkListener } from "../transports/link.ts";
import type { TransportClose, TransportKind } from "../transports/transport.ts";

/** How long what is under way, and would be lost with the connection, is waited for before the next try to move over. */
const BUSY_MS = 1_000;

/**
 * A link that does not keep its page waiting for the hub: where there is none yet the first connection is its own,
 * and the hub, once it has a connection, takes over from it as a better transport would.
 *
 * Owns:     the first connection. All later ones are the hub's.
 */
export class OwnFirstLink implements Link {
  readonly #own: Link;
  readonly #load: () => Promise<Link>;
  readonly #hasHub: () => Promise<boolean>;
  readonly #clock: Clock;
  #shared: Link | null = null;
  #current: Link;

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
    if (this.#shared !== null) return this.#shared.open(listener);
    return new FirstConnection(listener, this.#clock, {
      own: this.#own,
      hasHub: this.#hasHub,
      shared: async () => (this.#shared ??= await this.#load()),
      onShared: () => (this.#current = this.#shared ?? this.#own),
    });
  }
}

interface FirstParts {
  readonly own: Link;
  hasHub(): Promise<boolean>;
  shared(): Promise<Link>;
  /** From now on it is the hub's. */
  onShared(): void;
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

  constructor(listener: LinkListener, clock: Clock, parts: FirstParts) {
    this.#listener = listener;
    this.#clock = clock;
    this.#parts = parts;
    const begin = (hasHub: boolean): void => {
      if (this.#state !== "asking") return;
      if (hasHub) void this.#move();
      else this.#begin();
    };
    parts.hasHub().then(begin, () => begin(false));
  }

  get isBrief(): boolean {
    return this.#own?.isBrief === true;
  }

  send(text: string): void {
    (this.#state === "shared" ? this.#hub : this.#own)?.send(text);
  }

  close(cause?: "silence"): void {
    this.#state = "over";
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
    this.#state = "over";
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

  #begin(): void {
    this.#state = "own";
    const listener = this.#listener;
    const isOwn = (): boolean => this.#state === "own";
    this.#own = this.#parts.own.open({
      opening: () => listener.opening(),
      onOpen: (opening) => isOwn() && listener.onOpen(opening),
      onText: (frame) => {
        if (!isOwn()) return;
        listener.onText(frame);
        void this.#move();
      },
      onLife: () => isOwn() && listener.onLife(),
      onClose: (close) => {
        if (!isOwn()) return;
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
    try {
      const shared = await this.#parts.shared();
      if (!this.#isOver) this.#hub = shared.open(this);
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
