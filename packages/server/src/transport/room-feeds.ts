import type { IncomingMessage, ServerResponse } from "node:http";
import type { StartRequest } from "../room/start-position.ts";
import { mayFollow } from "../session/following.ts";
import type { Heartbeat } from "../session/heartbeat.ts";
import type { Refusal } from "../session/hooks.ts";
import { bearerCredentials, identify, type Credentials } from "../session/identify.ts";
import type { Services } from "../session/services.ts";
import { EVENT_FORM, feedStart } from "./event-form.ts";
import { writeFeedHead, type FeedForm } from "./feed-form.ts";
import { endWithPeer } from "./half-closed.ts";
import { answerError, type HttpError } from "./http-answer.ts";
import type { RestRequest } from "./rest.ts";
import { DRAINING, RoomFeed } from "./room-feed.ts";
import type { SendPressure } from "./send-pressure.ts";

/** Who counts connections: a feed is one, as a WebSocket is. */
export interface ConnectionCount {
  take(address: string): (Refusal & { readonly status: number }) | null;
  release(address: string): void;
}

/** A feed that somebody asks for, past the door. */
export interface FeedRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly room: string;
  readonly credentials: Credentials;
  readonly start: StartRequest;
  readonly form: FeedForm;
}

/** All feeds of one server: opens them, and knows those that are open. */
export class RoomFeeds {
  readonly #services: Services;
  readonly #pressure: SendPressure;
  readonly #heartbeat: Heartbeat;
  readonly #feeds = new Set<RoomFeed>();

  constructor(services: Services, pressure: SendPressure, heartbeat: Heartbeat) {
    this.#services = services;
    this.#pressure = pressure;
    this.#heartbeat = heartbeat;
  }

  get all(): ReadonlySet<RoomFeed> {
    return this.#feeds;
  }

  /** `GET /rooms/{room}/messages` with `Accept: text/event-stream`. */
  async openEvents(rest: RestRequest, count: ConnectionCount): Promise<void> {
    const { request, response, room, query, address } = rest;
    const start = feedStart(request.headers, query);
    const credentials = bearerCredentials(request.headers, address, this.#services);
    const refusal: HttpError | null =
      typeof start === "string"
        ? { code: "bad-frame", message: start }
        : await this.open({ request, response, room, credentials, start, form: EVENT_FORM }, count);
    if (refusal === null) return;
    this.#services.events.refused(refusal.code, { address }, "feed");
    answerError(response, refusal);
  }

  /** Begins a feed; fulfils with null, or with why not, and then nothing has been written. */
  async open(asked: FeedRequest, count: ConnectionCount): Promise<HttpError | null> {
    const { request, response, room, credentials, start, form } = asked;
    const { address } = credentials;
    if (this.#services.isDraining) return DRAINING;
    const full = count.take(address);
    if (full !== null) return full;
    // Node calls `close` for every response, whether it ended or was cut.
    response.once("close", () => count.release(address));
    if (request.method !== "HEAD") endWithPeer(request, response);

    const who = await identify(credentials, this.#services);
    if ("code" in who) return who;
    if (response.destroyed) return null;
    if (request.method === "HEAD") {
      const refusal = await mayFollow(this.#services, { identity: who.identity, address }, room);
      if (refusal !== null) return refusal;
      writeFeedHead(response, form);
      response.end();
      return null;
    }
    request.socket.setNoDelay(true);
    const feed = new RoomFeed(request, response, this.#services, this.#pressure, room, who, address, form);
    feed.trace = this.#services.events.opened("feed", address, request.headers.origin);
    feed.trace?.welcomed(who.identity);
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
    return feed.start(start);
  }
}
