import type { Clock } from "@parlor/base";
import type { Fetch, HttpPlatform } from "./exchange.ts";
import { RequestConnection, type Downward } from "./request-connection.ts";
import { ANSWER_TIMEOUT_MS, type RequestLink } from "./request-link.ts";
import type { Transport, TransportConnection, TransportListener } from "./transport.ts";

/** A server speaks once a heartbeat; after so many of them in silence the stream is taken for dead. */
const SILENT_HEARTBEATS = 2;

/**
 * The full protocol over HTTP: an answer that never ends carries the frames down, requests carry them up.
 * For where WebSockets do not get through. What stands between must not hold answers back.
 */
export class StreamTransport implements Transport {
  readonly kind = "stream";
  readonly #platform: HttpPlatform;

  /** @param base The server's base address, ending with `/`. */
  constructor(base: string, fetch: Fetch, clock: Clock) {
    this.#platform = { base, fetch, clock };
  }

  open(listener: TransportListener): TransportConnection {
    return new RequestConnection(this.#platform, listener, (link) => new StreamDownward(link));
  }
}

class StreamDownward implements Downward {
  readonly #link: RequestLink;
  #stop: () => void = nothing;
  #stopPong: () => void = nothing;

  constructor(link: RequestLink) {
    this.#link = link;
    link.whenOver(() => {
      this.#stop();
      this.#stopPong();
    });
  }

  renew(): void {
    this.#stop();
    const link = this.#link;
    // The lane's answers count as life for the client, so the silence of this way is watched here.
    let isHeard = false;
    this.#stop = link.request({
      path: "connect/stream?pongs=1",
      answer: "text/event-stream",
      frames: (opening) => opening,
      patienceMs: () => (isHeard ? SILENT_HEARTBEATS * link.heartbeatMs : ANSWER_TIMEOUT_MS),
      onText: (text) => link.text(text),
      onWelcome: (text) => {
        isHeard = true;
        link.welcome(text);
      },
      onLife: () => link.life(),
      onEnd: (fault) => link.fail(fault?.close ?? { code: 1006, reason: "the stream ended" }),
    });
  }

  /** By a request of its own, since the lane may wait for an answer. One that fails is asked for again. */
  pong(text: string): void {
    this.#stopPong();
    this.#stopPong = this.#link.request({
      path: "connect/send",
      answer: "application/x-ndjson",
      frames: ([hello = ""]) => [hello, text],
      patienceMs: () => ANSWER_TIMEOUT_MS,
      onText: nothing,
      onWelcome: nothing,
      onLife: nothing,
      onEnd: nothing,
    });
  }
}

function nothing(): void {}
