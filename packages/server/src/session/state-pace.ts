/** Bytes of state that may be on their way to a peer: to begin with, and the bounds between which it learns. */
const FIRST_WINDOW_BYTES = 32_768;
const LEAST_WINDOW_BYTES = 4_096;
const MOST_WINDOW_BYTES = 65_536;

/** Where each pong is a request of its own there shall not be many of them. */
const MOST_WINDOW_BYTES_APART = 131_072;

/** How much longer than the quickest an answer may take, ms: above it less is sent ahead, below the other more. */
const LONG_WAIT_MS = 200;
const SHORT_WAIT_MS = 50;

/** How long a peer that has never answered a ping is waited for, ms. */
export const DEAF_AFTER_MS = 5_000;

/**
 * How far ahead of one peer its state may be sent, in bytes: as much as it takes in a moment.
 *
 * What a socket has taken the peer does not have yet: the system's buffers alone hold megabytes, over which a slow
 * link sits for a minute, and all of it would be stale. So a ping goes behind what was sent, and its pong says that
 * it was read. Until then no more than a window is sent; of what changes meanwhile only the newest is left.
 *
 *     sent ├──────── read ────────┼──────── ahead ────────┤ ping ▶     no more until its pong
 *
 * A pong that took much longer than the quickest one waited behind bytes: the window is halved. One that did not
 * doubles it. Pongs carry no number, so one that answers another ping may come too early; then a window more is
 * sent, once.
 *
 * Pure: told the time, it decides and sends nothing. Rules: docs/protocol.md [STATE-13] and [STATE-14].
 */
export class StatePace {
  readonly #mostBytes: number;
  #windowBytes = FIRST_WINDOW_BYTES;
  #aheadBytes = 0;
  /** The ping that is on its way: when it was sent, and what was sent behind it. */
  #ping: { readonly atMs: number; behindBytes: number } | null = null;
  #quickestMs = Infinity;
  #isDeaf = false;

  /** @param pongs Where they come: on the connection itself, or each by a request of its own. */
  constructor(pongs: "here" | "apart" = "here") {
    this.#mostBytes = pongs === "here" ? MOST_WINDOW_BYTES : MOST_WINDOW_BYTES_APART;
  }

  /** Whether more may be sent. */
  get isOpen(): boolean {
    return this.#isDeaf || this.#aheadBytes < this.#windowBytes;
  }

  /** Whether the peer has answered a ping; who has not may be one that never will. */
  get hasAnswered(): boolean {
    return this.#quickestMs < Infinity;
  }

  /** State was sent; answers whether a ping is to follow it. */
  sent(bytes: number, nowMs: number): boolean {
    this.#aheadBytes += bytes;
    if (this.#ping !== null) this.#ping.behindBytes += bytes;
    return this.#pings(nowMs);
  }

  /** A pong came; answers whether another ping is to be sent. */
  ponged(nowMs: number): boolean {
    if (this.#ping === null) return false;
    const tookMs = nowMs - this.#ping.atMs;
    this.#aheadBytes = this.#ping.behindBytes;
    this.#ping = null;
    this.#isDeaf = false;
    // Of the first it can't be known how much of it was waiting.
    const waitedMs = this.hasAnswered ? tookMs - this.#quickestMs : SHORT_WAIT_MS;
    this.#quickestMs = Math.min(this.#quickestMs, tookMs);
    if (waitedMs > LONG_WAIT_MS) this.#windowBytes = Math.max(LEAST_WINDOW_BYTES, this.#windowBytes / 2);
    if (waitedMs < SHORT_WAIT_MS) this.#windowBytes = Math.min(this.#mostBytes, this.#windowBytes * 2);
    return this.#pings(nowMs);
  }

  /** The peer answers no pings: from now on the socket alone says what it takes, until a pong comes after all. */
  isDeafNow(): void {
    this.#isDeaf = true;
  }

  #pings(nowMs: number): boolean {
    // The first at once: it knows nothing of the way yet.
    const enoughBytes = this.hasAnswered ? this.#windowBytes : 1;
    if (this.#ping !== null || this.#aheadBytes < enoughBytes) return false;
    this.#ping = { atMs: nowMs, behindBytes: 0 };
    return true;
  }
}
