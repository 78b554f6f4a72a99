import {
  ANSWER_TIMEOUT_MS,
  AT_ONCE_MS,
  HASTY_MS,
  MAX_POLL_FAILURES,
  MAX_POLL_PAUSE_MS,
  MAX_WAIT_S,
  POLL_PAUSE_MS,
  SHORT_WAIT_S,
} from "./bounds.ts";
import type { ExchangeFault, HttpPlatform } from "./exchange.ts";
import { openRequests, type Downward } from "./request-connection.ts";
import type { RequestLink } from "./request-link.ts";
import { frameType, type Lane } from "./send-lane.ts";
import type { Transport } from "./transport.ts";

/** Frames that a poll begins with, or refuses with: no reason to be back before its time. */
const FORMALITY = /^(?:subscribed|error|ping|pong)$/;

/** How a poll says where its signals end. */
const SIGNALS_END = /"signals":\[\],"next":"[^"]*"}$/;

/**
 * The full protocol over requests that end: each is answered when there is something to tell, and the
 * next one names what has been taken. For where nothing else gets through: what buffers, what cuts long
 * answers, what has no streams.
 */
export function pollTransport(platform: HttpPlatform, laneOf: (link: RequestLink) => Lane): Transport {
  return { kind: "poll", open: (listener) => openRequests(platform, listener, laneOf, pollDown) };
}

function pollDown(link: RequestLink): Downward {
  const { clock, listener, over } = link;
  let stop = (): void => undefined;
  /** What waiting polls ask for; shorter once something on the way has cut one. */
  let maxWaitS = MAX_WAIT_S;
  /** In a row. */
  let failures = 0;
  let hasty = 0;
  over.addEventListener("abort", () => stop());

  const poll = (waitS: number): void => {
    const begunMs = clock.monotonic();
    let hasContent = false;
    stop = link.request({
      path: `connect/poll?wait=${waitS}`,
      isDown: true,
      patienceMs: () => waitS * 1_000 + ANSWER_TIMEOUT_MS,
      onText(text) {
        hasContent ||= !FORMALITY.test(frameType(text)) && !SIGNALS_END.test(text);
        listener.onText(text);
      },
      onEnd(fault) {
        const tookMs = clock.monotonic() - begunMs;
        if (fault === null) {
          failures = 0;
          listener.onLife();
        } else if (!survives(fault, waitS, tookMs)) return link.fail(fault.close);
        // The client may have ended the connection in answer to what it was told last.
        if (over.aborted) return;
        hasty = waitS > 0 && !hasContent && tookMs < HASTY_MS ? hasty + 1 : 0;
        if (hasty === 0) return next();
        const timer = clock.after(Math.min(POLL_PAUSE_MS * 2 ** (hasty - 1), MAX_POLL_PAUSE_MS), next);
        stop = () => clock.cancel(timer);
      },
    });
  };

  /** A client takes a server for dead that is silent for two heartbeats, so a wait is one at most. */
  const next = (): void => poll(Math.max(1, Math.min(maxWaitS, Math.floor(link.heartbeatMs / 1_000))));

  /**
   * Whether a poll that failed may be followed by another. One that was cut off while it waited says
   * something about the time that the way allows, so the next ones wait less. One that failed at once
   * met a connection that had its time, or a server that is gone, which the next one will tell.
   */
  const survives = ({ status, close }: ExchangeFault, waitS: number, tookMs: number): boolean => {
    failures += 1;
    const hasWaited = tookMs >= AT_ONCE_MS && failures <= MAX_POLL_FAILURES;
    if (hasWaited)
      maxWaitS =
        waitS > SHORT_WAIT_S
          ? Math.max(SHORT_WAIT_S, Math.floor((0.75 * tookMs) / 1_000))
          : Math.max(1, Math.floor(waitS / 2));
    const isOnTheWay = close.refusal === undefined && [0, 502, 504].includes(status);
    return isOnTheWay && (hasWaited || (failures === 1 && link.isWelcomed));
  };

  return {
    /** The first poll does not wait: it says what there is, which also says that there is somebody. */
    renew() {
      stop();
      poll(0);
    },
  };
}
