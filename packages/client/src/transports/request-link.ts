import { exchange, type ExchangeFault, type ExchangeRequest, type HttpPlatform } from "./exchange.ts";
import { objectOf, readJsonObject } from "./json-object.ts";
import type { TransportClose, TransportListener } from "./transport.ts";

/** What the requests of one connection wait for an answer, ms. */
export const ANSWER_TIMEOUT_MS = 15_000;

/**
 * Longest frame that is taken, in UTF-16 units: a page of history with its related messages, and more.
 * Where a server's clients may send longer ones, its own may be this many times as long.
 */
const MAX_FRAME_CHARS = 1_048_576;
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
  maxFrameChars = MAX_FRAME_CHARS;
  readonly platform: HttpPlatform;
  readonly #listener: TransportListener;
  /** Stops each request that may be under way. */
  readonly #stops: (() => void)[] = [];
  #identity: unknown = null;

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

  /** The first tells the client who it is; those of later requests show life, and how long a token lasts. */
  welcome(text: string): void {
    const { expiresInMs } = readJsonObject(text);
    if (this.isWelcomed && typeof expiresInMs !== "number") return this.life();
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
    const { type, identity, heartbeatMs, limits } = readJsonObject(text);
    if (type !== "welcome") return false;
    this.#identity ??= identity;
    if (identity !== this.#identity) {
      this.fail({ code: 1006, reason: "the server takes this client for somebody else now" });
      return true;
    }
    if (typeof heartbeatMs === "number") this.heartbeatMs = Math.max(heartbeatMs, 1);
    const { maxFrameBytes } = objectOf(limits);
    if (typeof maxFrameBytes === "number") {
      this.maxFrameChars = Math.max(MAX_FRAME_CHARS, FRAMES_IN_ONE * maxFrameBytes);
    }
    return true;
  }
}
