import { FRAMES_IN_ONE, MAX_FRAME_CHARS } from "./bounds.ts";
import type { Clock } from "@parlor/base";
import type { JsonObject } from "@parlor/protocol";
import { exchange, type ExchangeFault, type HttpPlatform } from "./exchange.ts";
import { objectOf, readJsonObject } from "./json-object.ts";
import type { TransportClose, TransportListener } from "./transport.ts";

/** One request of a connection. */
export interface LinkRequest {
  readonly path: string;
  readonly isStream?: boolean;
  /**
   * It is the way down, whose welcome is the client's. Who answers the others need not be who streams: that proves
   * nothing about the way down.
   */
  readonly isDown?: boolean;
  /** Gives the frames from the opening as it is now. @default the opening */
  readonly frames?: (opening: readonly string[]) => readonly string[];
  /** Silence after which it has failed, ms; asked anew at each wait. */
  readonly patienceMs: (isWelcomed: boolean) => number;
  /** One frame of the answer, its `welcome` excepted. @default the connection's listener */
  readonly onText?: (text: string) => void;
  /** As an exchange's. */
  readonly onEnd?: (fault: ExchangeFault | null) => void;
}

/**
 * What the requests of one connection have in common: the listener that hears of all, the end that comes
 * once, and who the server takes this client to be.
 *
 * Each request says hello by itself, so each could be taken for somebody else: a cookie changed, a token
 * was renewed. What was sent as one identity must not be sent again as another, so that ends the
 * connection, and the client begins a new one that knows.
 */
export interface RequestLink {
  readonly clock: Clock;
  readonly listener: TransportListener;
  /** Aborted once the connection is over, from either side. */
  readonly over: AbortSignal;
  /** The client has heard the welcome of a request downward. */
  readonly isWelcomed: boolean;
  readonly heartbeatMs: number;
  /** Begins a request; what it returns stops it, and so does the connection's end. */
  request(request: LinkRequest): () => void;
  fail(close: TransportClose): void;
  /** From this side: nothing is told any more. */
  readonly end: () => void;
}

export function requestLink(platform: HttpPlatform, listener: TransportListener): RequestLink {
  const controller = new AbortController();
  const over = controller.signal;
  let maxFrameChars = MAX_FRAME_CHARS;
  let identity: unknown;
  const end = (): void => controller.abort();
  const fail = (close: TransportClose): void => {
    if (over.aborted) return;
    end();
    listener.onClose(close);
  };
  const link = {
    clock: platform.clock,
    listener,
    over,
    isWelcomed: false,
    heartbeatMs: 25_000,
    end,
    fail,
    request({ path, isStream, isDown, frames, patienceMs, onText, onEnd }: LinkRequest) {
      const opening = listener.opening();
      let isFirst = true;
      let isWelcomed = false;
      const welcomed = (
        { identity: own, heartbeatMs, limits, expiresInMs }: JsonObject,
        text: string,
      ): void => {
        identity ??= own;
        if (own !== identity)
          return fail({ code: 1006, reason: "the server takes this client for somebody else now" });
        if (typeof heartbeatMs === "number") link.heartbeatMs = Math.max(heartbeatMs, 1);
        const { maxFrameBytes } = objectOf(limits);
        if (typeof maxFrameBytes === "number")
          maxFrameChars = Math.max(MAX_FRAME_CHARS, FRAMES_IN_ONE * maxFrameBytes);
        if (isDown !== true) return;
        isWelcomed = true;
        // The first tells the client who it is; those of later requests show life, and how long a token lasts.
        if (link.isWelcomed && typeof expiresInMs !== "number") return listener.onLife();
        link.isWelcomed = true;
        listener.onText(text);
      };
      return exchange(
        platform,
        {
          path,
          frames: frames?.(opening) ?? opening,
          isStream,
          patienceMs: () => patienceMs(isWelcomed),
          maxFrameChars: () => maxFrameChars,
          over,
        },
        {
          onText(text) {
            const first = isFirst ? readJsonObject(text) : {};
            isFirst = false;
            if (first["type"] === "welcome") welcomed(first, text);
            else if (onText === undefined) listener.onText(text);
            else onText(text);
          },
          onLife() {
            if (isDown === true) listener.onLife();
          },
          onEnd(fault) {
            onEnd?.(fault);
          },
        },
      );
    },
  };
  return link;
}
