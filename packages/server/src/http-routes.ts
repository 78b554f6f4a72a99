import type { IncomingMessage, ServerResponse } from "node:http";
import type { ConnectionLimits } from "./connection-limits.ts";
import type { Door, Guest } from "./door.ts";
import type { OperatorPages } from "./operator-pages.ts";
import { faultText } from "./room/logger.ts";
import type { Services } from "./session/services.ts";
import { corsHeaders, preflightHeaders } from "./transport/cors.ts";
import type { EventFeeds } from "./transport/event-feeds.ts";
import { answerError, answerErrorUnread, answerJson, type HttpError } from "./transport/http-answer.ts";
import { answerHistory, answerPublish, type RestRequest } from "./transport/rest.ts";

/** Which methods an address knows. */
const METHODS = {
  "room-messages": ["GET", "HEAD", "POST"],
  room: [],
  connect: [],
  "connect-stream": ["POST"],
  "connect-poll": ["POST"],
  "connect-send": ["POST"],
  healthz: ["GET", "HEAD"],
  readyz: ["GET", "HEAD"],
  metrics: ["GET", "HEAD"],
  status: ["GET", "HEAD"],
} as const satisfies Record<string, readonly string[]>;

/** Requests: from the door to whoever answers. Rules: docs/protocol.md, REST- and REFUSE-. */
export class HttpRoutes {
  readonly #door: Door;
  readonly #limits: ConnectionLimits;
  readonly #services: Services;
  readonly #feeds: EventFeeds;
  readonly #pages: OperatorPages;
  readonly #origins: readonly string[];

  constructor(
    door: Door,
    limits: ConnectionLimits,
    services: Services,
    feeds: EventFeeds,
    pages: OperatorPages,
    origins: readonly string[],
  ) {
    this.#door = door;
    this.#limits = limits;
    this.#services = services;
    this.#feeds = feeds;
    this.#pages = pages;
    this.#origins = origins;
  }

  /** Answers a request; false where its address is not ours. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const knock = this.#door.knock(request);
    if (knock.kind === "not-ours") return false;
    response.on("error", () => response.destroy());
    if (knock.kind === "refused") {
      this.#refuse(request, response, knock.error);
      return true;
    }
    this.#route(knock.guest, request, response).catch((fault: unknown) => {
      this.#services.counters.internalFaults += 1;
      this.#services.logger.error("A request met a fault of the server.", { fault: faultText(fault) });
      answerError(response, { code: "internal", message: "A fault of the server; it is in its log." });
    });
    return true;
  }

  async #route(guest: Guest, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { target, origin, peer } = guest;
    const { address } = target;
    if (request.method === "OPTIONS") {
      const wantsPrivateNetwork = request.headers["access-control-request-private-network"] === "true";
      response.writeHead(204, preflightHeaders(origin, this.#origins, wantsPrivateNetwork)).end();
      return;
    }
    for (const [name, value] of Object.entries(corsHeaders(origin, this.#origins)))
      response.setHeader(name, value);
    const error = this.#addressError(address.kind, request);
    if (error !== null) return this.#refuse(request, response, error);
    switch (address.kind) {
      case "room-messages": {
        const rest: RestRequest = {
          request,
          response,
          room: address.room,
          query: target.query,
          address: peer.address,
        };
        if (request.method === "POST") return answerPublish(rest, this.#services);
        if (wantsEventStream(request)) return this.#feeds.open(rest, this.#limits);
        return answerHistory(rest, this.#services);
      }
      case "healthz":
        return answerJson(response, 200, { status: "alive" });
      case "readyz":
        return this.#pages.answerReady(response);
      case "metrics":
        return this.#pages.answerMetrics(response);
      case "status":
        return this.#pages.answerStatus(request, response, address.file, peer);
    }
  }

  /** Why nobody answers at that address, or not to that method; null where somebody does. */
  #addressError(kind: Guest["target"]["address"]["kind"], request: IncomingMessage): HttpError | null {
    if (kind === "room" || kind === "connect") {
      const message = "This address is a WebSocket; come with Connection: Upgrade and Upgrade: websocket.";
      return {
        code: "bad-frame",
        status: 426,
        message,
        headers: { upgrade: "websocket", connection: "upgrade" },
      };
    }
    if (kind === "connect-stream" || kind === "connect-poll" || kind === "connect-send") {
      return {
        code: "unknown-frame",
        message: "This server does not offer that transport yet; use a WebSocket.",
      };
    }
    const methods: readonly string[] = kind in METHODS ? METHODS[kind as keyof typeof METHODS] : [];
    if (methods.includes(request.method ?? "")) return null;
    const allow = methods.join(", ");
    return {
      code: "unknown-frame",
      status: 405,
      message: `That address takes ${allow}.`,
      headers: { allow },
    };
  }

  #refuse(request: IncomingMessage, response: ServerResponse, error: HttpError): void {
    this.#services.counters.refused[error.code] += 1;
    answerErrorUnread(request, response, error, this.#services.clock);
  }
}

/** Whether an event stream is asked for; JSON is the answer to everybody else. */
function wantsEventStream(request: IncomingMessage): boolean {
  return (request.headers.accept ?? "")
    .toLowerCase()
    .split(",")
    .some((type) => type.trim().startsWith("text/event-stream"));
}
