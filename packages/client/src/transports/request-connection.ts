import type { HttpPlatform } from "./exchange.ts";
import { RequestLink } from "./request-link.ts";
import { frameType, SendLane } from "./send-lane.ts";
import type { TransportConnection, TransportListener } from "./transport.ts";

/** The way down of a connection that is made of requests. */
export interface Downward {
  /** Asks for what the opening says now, and hears no more of what it asked for before. */
  renew(): void;
  /** Says that all that came down has been read, where somebody asks for that. */
  pong?(text: string): void;
}

/**
 * Frames that a request which is under way can't carry any more, since its body is sent. Instead of them
 * a new one begins, whose opening says the same: the rooms as they are wanted now, the token as it is
 * now. And to a client that doubts its link, a request that is answered says more than a `pong`.
 */
const RENEWING: ReadonlySet<string> = new Set(["subscribe", "unsubscribe", "renew", "ping"]);

/**
 * A connection made of HTTP requests: one downward that lasts, in whatever way, and a lane upward.
 * Every request is complete by itself, so each may be answered by another server.
 */
export class RequestConnection implements TransportConnection {
  readonly #link: RequestLink;
  readonly #downward: Downward;
  readonly #lane: SendLane;
  /** A handler may take seconds, in which publishes go on: requests have a lane, and so a producer, of their own. */
  #requests: SendLane | null = null;
  #isRenewing = false;

  constructor(
    platform: HttpPlatform,
    listener: TransportListener,
    makeDownward: (link: RequestLink) => Downward,
  ) {
    this.#link = new RequestLink(platform, listener);
    this.#lane = new SendLane(this.#link);
    this.#downward = makeDownward(this.#link);
    queueMicrotask(() => {
      if (this.#link.isOver) return;
      this.#downward.renew();
      this.#link.open();
    });
  }

  send(text: string): void {
    if (this.#link.isOver) return;
    const type = frameType(text);
    if (RENEWING.has(type)) this.#renew();
    else if (type === "request") (this.#requests ??= new SendLane(this.#link, true)).send(text);
    else if (type === "pong") this.#downward.pong?.(text);
    else this.#lane.send(text);
  }

  close(): void {
    this.#link.end();
  }

  /** Once for all that one turn asks for. */
  #renew(): void {
    if (this.#isRenewing) return;
    this.#isRenewing = true;
    queueMicrotask(() => {
      this.#isRenewing = false;
      if (!this.#link.isOver) this.#downward.renew();
    });
  }
}
