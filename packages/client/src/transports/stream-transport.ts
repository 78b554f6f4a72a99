import { ANSWER_TIMEOUT_MS, SILENT_HEARTBEATS } from "./bounds.ts";
import type { HttpPlatform } from "./exchange.ts";
import { openRequests, type Downward } from "./request-connection.ts";
import type { RequestLink } from "./request-link.ts";
import type { Lane } from "./send-lane.ts";
import type { Transport } from "./transport.ts";

/**
 * The full protocol over HTTP: an answer that never ends carries the frames down, requests carry them up.
 * For where WebSockets do not get through. What stands between must not hold answers back.
 */
export function streamTransport(platform: HttpPlatform, laneOf: (link: RequestLink) => Lane): Transport {
  return { kind: "stream", open: (listener) => openRequests(platform, listener, laneOf, streamDown) };
}

function streamDown(link: RequestLink): Downward {
  let stop = nothing;
  let stopPong = nothing;
  return {
    renew() {
      stop();
      stop = link.request({
        path: "connect/stream?pongs=1",
        isStream: true,
        isDown: true,
        // The lane's answers count as life for the client, so the silence of this way is watched here.
        patienceMs: (isWelcomed) => (isWelcomed ? SILENT_HEARTBEATS * link.heartbeatMs : ANSWER_TIMEOUT_MS),
        onEnd: (fault) => link.fail(fault?.close ?? { code: 1006, reason: "the stream ended" }),
      });
    },
    /** By a request of its own, since the lane may wait for an answer. One that fails is asked for again. */
    pong(text) {
      stopPong();
      stopPong = link.request({
        path: "connect/send",
        frames: ([hello = ""]) => [hello, text],
        patienceMs: () => ANSWER_TIMEOUT_MS,
        onText: nothing,
      });
    },
  };
}

function nothing(): void {}
