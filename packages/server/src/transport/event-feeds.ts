import type { Heartbeat } from "../session/heartbeat.ts";
import type { Refusal } from "../session/hooks.ts";
import { bearerCredentials, identify } from "../session/identify.ts";
import { mayFollow } from "../session/following.ts";
import type { Services } from "../session/services.ts";
import { EventFeed, feedStart, STREAM_HEADERS } from "./event-feed.ts";
import { answerError, type HttpError } from "./http-answer.ts";
import type { RestRequest } from "./rest.ts";
import type { SendPressure } from "./send-pressure.ts";

/** Who counts connections: a feed is one, as a WebSocket is. */
export interface ConnectionCount {
  take(address: string): (Refusal & { readonly status: number }) | null;
  release(address: string): void;
}

/** All event streams of one server: opens them, and knows those that are open. */
export class EventFeeds {
  readonly #services: Services;
  readonly #pressure: SendPressure;
  readonly #heartbeat: Heartbeat;
  readonly #feeds = new Set<EventFeed>();

  constructor(services: Services, pressure: SendPressure, heartbeat: Heartbeat) {
    this.#services = services;
    this.#pressure = pressure;
    this.#heartbeat = heartbeat;
  }

  get all(): ReadonlySet<EventFeed> {
    return this.#feeds;
  }

  /** `GET /rooms/{room}/messages` with `Accept: text/event-stream`. */
  async open(rest: RestRequest, count: ConnectionCount): Promise<void> {
    const { request, response, room, query, address } = rest;
    const refuse = (error: HttpError): void => {
      this.#services.counters.refused[error.code] += 1;
      answerError(response, error);
    };
    const start = feedStart(request.headers, query);
    if (typeof start === "string") return refuse({ code: "bad-frame", message: start });
    if (this.#services.isDraining)
      return refuse({ code: "draining", message: "The server is stopping; come back." });
    const full = count.take(address);
    if (full !== null) return refuse(full);
    // Node calls `close` for every response, whether it ended or was cut.
    response.once("close", () => count.release(address));

    const who = await identify(bearerCredentials(request.headers, address, this.#services), this.#services);
    if ("code" in who) return refuse(who);
    if (response.destroyed) return;
    if (request.method === "HEAD") {
      const refusal = await mayFollow(this.#services, who.identity, room);
      if (refusal !== null) return refuse(refusal);
      response.setHeader("vary", "Accept, Origin").writeHead(200, STREAM_HEADERS).end();
      return;
    }
    request.socket.setNoDelay(true);
    const feed = new EventFeed(request, response, this.#services, this.#pressure, room, who, address);
    this.#feeds.add(feed);
    this.#services.counters.connections.feed += 1;
    this.#services.counters.connectionsOpened.feed += 1;
    this.#heartbeat.watch(feed);
    response.once("close", () => {
      feed.gone();
      this.#feeds.delete(feed);
      this.#heartbeat.unwatch(feed);
      this.#services.counters.connections.feed -= 1;
    });
    const refusal = await feed.start(start);
    if (refusal !== null) refuse(refusal);
  }
}
