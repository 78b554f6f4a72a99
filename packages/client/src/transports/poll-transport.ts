import type { Clock } from "@parlor/base";
import type { ExchangeFault, Fetch, HttpPlatform } from "./exchange.ts";
import { RequestConnection, type Downward } from "./request-connection.ts";
import { ANSWER_TIMEOUT_MS, type RequestLink } from "./request-link.ts";
import { frameType } from "./send-lane.ts";
import type { Transport, TransportConnection, TransportListener } from "./transport.ts";

/** The longest that a server lets a poll wait, s. */
const MAX_WAIT_S = 25;

/** A wait that was cut off is not made shorter than this at first: it may have been an accident. */
const SHORT_WAIT_S = 5;

/** A poll that fails within this time failed at once: not for having waited too long, ms. */
const AT_ONCE_MS = 2_000;

/** Polls in a row that may fail on the way before the connection is over. */
const MAX_FAILURES = 3;

/** A waiting poll that comes back sooner than this with nothing in it is followed by a pause, ms. */
const HASTY_MS = 1_000;
const PAUSE_MS = 250;
const MAX_PAUSE_MS = 5_000;

/** Frames that a poll begins with, or refuses with: no reason to be back before its time. */
const FORMALITIES: ReadonlySet<string> = new Set(["subscribed", "error", "ping", "pong"]);

/** How a poll says where its signals end. */
const SIGNALS_END = /"signals":\[\],"next":"[^"]*"}$/;

/**
 * The full protocol over requests that end: each is answered when there is something to tell, and the
 * next one names what has been taken. For where nothing else gets through: what buffers, what cuts long
 * answers, what has no streams.
 */
export class PollTransport implements Transport {
  readonly kind = "poll";
  readonly #platform: HttpPlatform;

  /** @param base The server's base address, ending with `/`. */
  constructor(base: string, fetch: Fetch, clock: Clock) {
    this.#platform = { base, fetch, clock };
  }

  open(listener: TransportListener): TransportConnection {
    return new RequestConnection(this.#platform, listener, (link) => new PollDownward(link));
  }
}

class PollDownward implements Downward {
  readonly #link: RequestLink;
  #stop: () => void = () => undefined;
  /** What waiting polls ask for; shorter once something on the way has cut one. */
  #maxWaitS = MAX_WAIT_S;
  /** In a row. */
  #failures = 0;
  #hasty = 0;

  constructor(link: RequestLink) {
    this.#link = link;
    link.whenOver(() => this.#stop());
  }

  /** The first poll does not wait: it says what there is, which also says that there is somebody. */
  renew(): void {
    this.#stop();
    this.#poll(0);
  }

  #poll(waitS: number): void {
    const link = this.#link;
    const { clock } = link.platform;
    const begunMs = clock.monotonic();
    let hasContent = false;
    this.#stop = link.request({
      path: `connect/poll?wait=${waitS}`,
      answer: "application/x-ndjson",
      frames: (opening) => opening,
      patienceMs: () => waitS * 1_000 + ANSWER_TIMEOUT_MS,
      onText: (text) => {
        hasContent ||= !FORMALITIES.has(frameType(text)) && !SIGNALS_END.test(text);
        link.text(text);
      },
      onWelcome: (text) => link.welcome(text),
      onLife: () => link.life(),
      onEnd: (fault) => {
        const tookMs = clock.monotonic() - begunMs;
        if (fault !== null && !this.#survives(fault, waitS, tookMs)) return link.fail(fault.close);
        if (fault === null) {
          this.#failures = 0;
          link.life();
        }
        const isHasty = waitS > 0 && !hasContent && tookMs < HASTY_MS;
        this.#hasty = isHasty ? this.#hasty + 1 : 0;
        this.#pollAfter(isHasty ? Math.min(PAUSE_MS * 2 ** (this.#hasty - 1), MAX_PAUSE_MS) : 0);
      },
    });
  }

  #pollAfter(pauseMs: number): void {
    const { clock } = this.#link.platform;
    // The client may have ended the connection in answer to what it was told last.
    if (this.#link.isOver) return;
    const next = (): void => this.#poll(this.#waitS);
    if (pauseMs === 0) return next();
    const timer = clock.after(pauseMs, next);
    this.#stop = () => clock.cancel(timer);
  }

  /** A client takes a server for dead that is silent for two heartbeats, so a wait is one at most. */
  get #waitS(): number {
    return Math.max(1, Math.min(this.#maxWaitS, Math.floor(this.#link.heartbeatMs / 1_000)));
  }

  /**
   * Whether a poll that failed may be followed by another. One that was cut off while it waited says
   * something about the time that the way allows, so the next ones wait less. One that failed at once
   * met a connection that had its time, or a server that is gone, which the next one will tell.
   */
  #survives({ status, close }: ExchangeFault, waitS: number, tookMs: number): boolean {
    const isOnTheWay = close.refusal === undefined && [0, 502, 504].includes(status);
    this.#failures += 1;
    const isNew = this.#failures === 1 && this.#link.isWelcomed;
    const hasWaited = tookMs >= AT_ONCE_MS && this.#failures <= MAX_FAILURES;
    if (hasWaited) {
      this.#maxWaitS =
        waitS > SHORT_WAIT_S
          ? Math.max(SHORT_WAIT_S, Math.floor((0.75 * tookMs) / 1_000))
          : Math.max(1, Math.floor(waitS / 2));
    }
    return isOnTheWay && (isNew || hasWaited);
  }
}
