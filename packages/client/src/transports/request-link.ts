import { decodeServerFrame, DEFAULT_LIMITS } from "@parlor/protocol";
import { exchange, type ExchangeFault, type ExchangeRequest, type HttpPlatform } from "./exchange.ts";
import type { TransportClose, TransportListener } from "./transport.ts";

/** What the requests of one connection wait for an answer, ms. */
export const ANSWER_TIMEOUT_MS = 15_000;

/** A history page holds this many bodies of the largest size at least, and its related messages. */
const FRAMES_IN_ONE = 4;

/** One request of a connection. */
export interface LinkRequest extends Omit<ExchangeRequest, "frames" | "maxFrameChars"> {
  /** Gives the frames from the opening as it is now. */
  frames(opening: readonly string[]): readonly string[];
  /** One frame of the answer, its `welcome` excepted. */
  onText(text: string): void;
  onWelcome(text: string): void;
  onLife(): void;
  onEnd(fault: ExchangeFault | null): void;
}

/**
 * What the requests of one connection have in common: the listener that hears of all, the end that comes
 * once, and who the server takes this client to be.
 *
 * Each request says hello by itself, so each could be taken for somebody else: a cookie changed, a token
 * was renewed. What was sent as one identity must not be sent again as another, so that ends the
 * connection, and the client begins a new one that knows.
 */
export class RequestLink {
  isOver = false;
  /** The client has heard the welcome of a request downward. */
  isWelcomed = false;
  heartbeatMs = 25_000;
  /** Longest frame that is taken, in UTF-16 units. */
  maxFrameChars = FRAMES_IN_ONE * DEFAULT_LIMITS.maxFrameBytes;
  readonly platform: HttpPlatform;
  readonly #listener: TransportListener;
  /** Stops each request that may be under way. */
  readonly #stops: (() => void)[] = [];
  #identity: string | null = null;

  constructor(platform: HttpPlatform, listener: TransportListener) {
    this.platform = platform;
    this.#listener = listener;
  }

  /** `stop` is called once the connection is over, from either side. */
  whenOver(stop: () => void): void {
    this.#stops.push(stop);
  }

  open(): void {
    if (!this.isOver) this.#listener.onOpen();
  }

  text(text: string): void {
    if (!this.isOver) this.#listener.onText(text);
  }

  /** The first tells the client who it is; that other requests are welcomed, too, is a sign of life. */
  welcome(text: string): void {
    if (this.isWelcomed) return this.life();
    this.isWelcomed = true;
    this.text(text);
  }

  life(): void {
    if (!this.isOver) this.#listener.onLife();
  }

  fail(close: TransportClose): void {
    if (this.isOver) return;
    this.end();
    this.#listener.onClose(close);
  }

  /** From this side: nothing is told any more. */
  end(): void {
    this.isOver = true;
    for (const stop of this.#stops) stop();
  }

  /** Begins a request; what it returns stops it. */
  request(request: LinkRequest): () => void {
    let isFirst = true;
    const { path, answer, patienceMs } = request;
    const frames = request.frames(this.#listener.opening());
    const maxFrameChars = (): number => this.maxFrameChars;
    return exchange(
      this.platform,
      { path, answer, patienceMs, frames, maxFrameChars },
      {
        onText: (text) => {
          const isWelcome = isFirst && this.#isWelcome(text);
          isFirst = false;
          if (this.isOver) return;
          if (isWelcome) request.onWelcome(text);
          else request.onText(text);
        },
        onLife: () => request.onLife(),
        onEnd: (fault) => request.onEnd(fault),
      },
    );
  }

  #isWelcome(text: string): boolean {
    const decoded = decodeServerFrame(text);
    if (!decoded.ok || decoded.frame.type !== "welcome") return false;
    const { identity, heartbeatMs, limits } = decoded.frame;
    this.#identity ??= identity;
    if (identity !== this.#identity) {
      this.fail({ code: 1006, reason: "the server takes this client for somebody else now" });
      return true;
    }
    this.heartbeatMs = Math.max(heartbeatMs, 1);
    const { maxFrameBytes } = { ...DEFAULT_LIMITS, ...limits };
    this.maxFrameChars = FRAMES_IN_ONE * Math.max(maxFrameBytes, DEFAULT_LIMITS.maxFrameBytes);
    return true;
  }
}
