import type { IncomingMessage, ServerResponse } from "node:http";
import type { ConnectionLimits } from "./connection-limits.ts";
import type { Door, Guest } from "./door.ts";
import type { OperatorPages } from "./operator-pages.ts";
import { faultText } from "./room/logger.ts";
import type { Services } from "./session/services.ts";
import { wantsEventStream } from "./transport/accept.ts";
import { corsHeaders, preflightHeaders } from "./transport/cors.ts";
import type { Exchanges } from "./transport/exchanges.ts";
import type { RoomFeeds } from "./transport/room-feeds.ts";
import { answerFile } from "./transport/file-answers.ts";
import { answerPass } from "./transport/file-pass-answer.ts";
import { answerAdd, answerBegin, answerCancel, answerProgress } from "./transport/upload-answers.ts";
import { answerError, answerErrorUnread, type HttpError } from "./transport/http-answer.ts";
import { Pipelining } from "./transport/pipelining.ts";
import { answerHistory, answerPublish, type RestRequest } from "./transport/rest.ts";
import type { UnreadAnswers } from "./transport/unread-answers.ts";
import { wasteOf } from "./transport/waste.ts";
import { Visit } from "./visit.ts";

const READ_METHODS = ["GET", "HEAD"] as const;

const EXCHANGE_KINDS = {
  "connect-stream": "stream",
  "connect-poll": "poll",
  "connect-send": "send",
} as const;

const UPGRADE_NEEDED: HttpError = {
  code: "bad-frame",
  status: 426,
  message: "This address is a WebSocket; come with Connection: Upgrade and Upgrade: websocket.",
  headers: { upgrade: "websocket", connection: "upgrade" },
};

const TOO_MANY_AT_ONCE: HttpError = {
  code: "too-many-connections",
  message: "Too many requests of one connection wait for their answers; read those first.",
  headers: { connection: "close" },
};

/** Requests: from the door to whoever answers. Rules: docs/protocol.md, REST- and REFUSE-. */
export class HttpRoutes {
  readonly #door: Door;
  readonly #limits: ConnectionLimits;
  readonly #services: Services;
  readonly #feeds: RoomFeeds;
  readonly #exchanges: Exchanges;
  readonly #unread: UnreadAnswers;
  readonly #pages: OperatorPages;
  readonly #origins: readonly string[];
  readonly #pipelining = new Pipelining();

  constructor(
    door: Door,
    limits: ConnectionLimits,
    services: Services,
    feeds: RoomFeeds,
    exchanges: Exchanges,
    unread: UnreadAnswers,
    pages: OperatorPages,
    origins: readonly string[],
  ) {
    this.#door = door;
    this.#limits = limits;
    this.#services = services;
    wasteOf(services.clock).countIn(services.counters);
    this.#feeds = feeds;
    this.#exchanges = exchanges;
    this.#unread = unread;
    this.#pages = pages;
    this.#origins = origins;
  }

  /** Answers a request; false where its address is not ours. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const knock = this.#door.knock(request);
    if (knock.kind === "not-ours") return false;
    if (!this.#enter(request, response)) return true;
    if (knock.kind === "refused") {
      if (knock.isLast === true) this.#pipelining.end(request.socket);
      // A listed origin's page may read what was wrong with its request; a stranger's may not.
      if (knock.error.code !== "origin-not-allowed") this.#setCors(response, request.headers.origin);
      this.#refuse(request, response, knock.error);
      return true;
    }
    this.#watch(this.#route(knock.guest, request, response), response);
    return true;
  }

  /** Has a page of the host's own answered, which is none of our addresses. */
  visit(request: IncomingMessage, response: ServerResponse, page: (visit: Visit) => Promise<void>): void {
    if (!this.#enter(request, response)) return;
    const [door, limits, services, feeds] = [this.#door, this.#limits, this.#services, this.#feeds];
    this.#watch(page(new Visit({ request, response, door, limits, services, feeds })), response);
  }

  /** Whether the request is to be answered; where it isn't, that has been done. */
  #enter(request: IncomingMessage, response: ServerResponse): boolean {
    response.on("error", () => response.destroy());
    const verdict = this.#pipelining.enter(request, response);
    if (verdict === "refuse") this.#refuse(request, response, TOO_MANY_AT_ONCE);
    return verdict === "go";
  }

  #watch(answered: Promise<void>, response: ServerResponse): void {
    void answered
      .catch((fault: unknown) => {
        this.#services.counters.internalFaults += 1;
        this.#services.logger.error("A request met a fault of the server.", { fault: faultText(fault) });
        answerError(response, { code: "internal", message: "A fault of the server; it is in its log." });
      })
      .finally(() => this.#unread.watch(response));
  }

  async #route(guest: Guest, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { target, origin } = guest;
    const { address } = target;
    if (request.method === "OPTIONS") {
      const wantsPrivateNetwork = request.headers["access-control-request-private-network"] === "true";
      response.writeHead(204, preflightHeaders(origin, this.#origins, wantsPrivateNetwork)).end();
      return;
    }
    this.#setCors(response, origin);
    switch (address.kind) {
      case "room-messages": {
        if (!this.#allows(["GET", "HEAD", "POST"], request, response)) return;
        if (request.method !== "POST") response.setHeader("vary", "Origin, Accept");
        const rest = restOf(guest, address.room, request, response);
        if (request.method === "POST") return answerPublish(rest, this.#services);
        if (wantsEventStream(request.headers.accept)) return this.#feeds.openEvents(rest, this.#limits);
        return answerHistory(rest, this.#services);
      }
      case "room-files":
        if (!this.#allows(["GET", "HEAD", "POST"], request, response)) return;
        return request.method === "POST"
          ? answerBegin(restOf(guest, address.room, request, response), this.#services)
          : answerPass(restOf(guest, address.room, request, response), this.#services);
      case "room-file": {
        if (!this.#allows(READ_METHODS, request, response)) return;
        const rest = restOf(guest, address.room, request, response);
        return answerFile(rest, address.name, this.#services, this.#unread, this.#origins.length > 0);
      }
      case "room-upload": {
        if (!this.#allows(["GET", "HEAD", "PATCH", "DELETE"], request, response)) return;
        const rest = restOf(guest, address.room, request, response);
        if (request.method === "PATCH") return answerAdd(rest, address.name, this.#services);
        if (request.method === "DELETE") return answerCancel(rest, address.name, this.#services);
        return answerProgress(rest, address.name, this.#services);
      }
      case "room":
      case "connect":
        if (this.#allows(READ_METHODS, request, response)) this.#refuse(request, response, UPGRADE_NEEDED);
        return;
      case "connect-stream":
      case "connect-poll":
      case "connect-send": {
        if (!this.#allows(["POST"], request, response)) return;
        const kind = EXCHANGE_KINDS[address.kind];
        return this.#exchanges.open(kind, {
          request,
          response,
          query: target.query,
          address: guest.peer.address,
        });
      }
      case "healthz":
        if (this.#allows(READ_METHODS, request, response)) this.#pages.answerAlive(response);
        return;
      case "readyz":
        if (this.#allows(READ_METHODS, request, response)) this.#pages.answerReady(response);
        return;
      case "metrics":
        if (this.#allows(READ_METHODS, request, response)) await this.#pages.answerMetrics(response);
        return;
      case "status":
        if (this.#allows(READ_METHODS, request, response)) {
          this.#pages.answerStatus(request, response, address.file);
        }
        return;
      case "bad-room":
      case "bad-target":
        // The door has refused these with the fault that it found.
        return this.#refuse(request, response, { code: "bad-frame", message: address.fault });
    }
  }

  #setCors(response: ServerResponse, origin: string | undefined): void {
    for (const [name, value] of Object.entries(corsHeaders(origin, this.#origins))) {
      response.setHeader(name, value);
    }
  }

  /** Whether the address knows the method; where it doesn't, that has been answered. */
  #allows(methods: readonly string[], request: IncomingMessage, response: ServerResponse): boolean {
    if (methods.includes(request.method ?? "")) return true;
    const allow = methods.join(", ");
    const message = `That address takes ${allow}.`;
    this.#refuse(request, response, { code: "unknown-frame", status: 405, message, headers: { allow } });
    return false;
  }

  #refuse(request: IncomingMessage, response: ServerResponse, error: HttpError): void {
    const { address } = this.#door.peerOf(request);
    this.#services.events.refused(error.code, { address, origin: request.headers.origin }, "request");
    answerErrorUnread(request, response, error, this.#services.clock);
  }
}

function restOf(
  { peer, target: { query } }: Guest,
  room: string,
  request: IncomingMessage,
  response: ServerResponse,
): RestRequest {
  return { request, response, room, query, address: peer.address };
}
