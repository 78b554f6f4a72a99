import type { IncomingMessage, ServerResponse } from "node:http";
import { MAX_SEND_BODY_BYTES } from "@parlor/protocol";
import type { Heartbeat } from "../session/heartbeat.ts";
import type { Services } from "../session/services.ts";
import { readBody } from "./body.ts";
import type { ConnectionCount } from "./room-feeds.ts";
import type { ExchangeKind, ExchangeOf, FrameExchange } from "./frame-exchange.ts";
import { frameLines } from "./frame-lines.ts";
import { onPeerEnd } from "./half-closed.ts";
import { answerError, answerErrorUnread, type HttpError } from "./http-answer.ts";
import { PollExchange, pollWaitSeconds } from "./poll-exchange.ts";
import { SendExchange } from "./send-exchange.ts";
import type { SendPressure } from "./send-pressure.ts";
import { StreamExchange } from "./stream-exchange.ts";

/** What a body may have beside its largest frame, where hosts allow frames of a mebibyte: the hello. */
const HELLO_BYTES = 16_384;

const DRAINING: HttpError = { code: "draining", message: "The server is stopping; come back." };

const BAD_WAIT: HttpError = {
  code: "bad-frame",
  message: "`wait` is a whole number of seconds from 0 to 25.",
};

/** A request below `/connect`, past the door. */
export interface ExchangeRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  readonly address: string;
}

/** All exchanges of one server: opens them, and knows those that are open. */
export class Exchanges {
  readonly #services: Services;
  readonly #pressure: SendPressure;
  readonly #heartbeat: Heartbeat;
  readonly #connections: ConnectionCount;
  readonly #sends: ConnectionCount;
  readonly #open = new Set<FrameExchange>();

  /** `connections` counts streams and polls, which are connections of their address; `sends` counts sends. */
  constructor(
    services: Services,
    pressure: SendPressure,
    heartbeat: Heartbeat,
    connections: ConnectionCount,
    sends: ConnectionCount,
  ) {
    this.#services = services;
    this.#pressure = pressure;
    this.#heartbeat = heartbeat;
    this.#connections = connections;
    this.#sends = sends;
  }

  get all(): ReadonlySet<FrameExchange> {
    return this.#open;
  }

  /** Those that would go on until somebody ends them; a send ends when it is answered. */
  *waiting(): Generator<FrameExchange> {
    for (const exchange of this.#open) if (exchange.kind !== "send") yield exchange;
  }

  /** `POST /connect/stream`, `/connect/poll` or `/connect/send`. */
  async open(kind: ExchangeKind, asked: ExchangeRequest): Promise<void> {
    const { request, response, query, address } = asked;
    const { clock, limits } = this.#services;
    const waitSeconds = kind === "poll" ? pollWaitSeconds(query) : 0;
    const refuse = (error: HttpError): void => this.#refuseUnread(asked, error, kind);
    if (waitSeconds === null) return refuse(BAD_WAIT);
    if (this.#services.isDraining) return refuse(DRAINING);
    // Counted before the body is read: what a peer sends slowly is held for as long.
    const count = kind === "send" ? this.#sends : this.#connections;
    const full = count.take(address);
    if (full !== null) return refuse(full);
    // Node calls `close` for every response, whether it ended or was cut.
    response.once("close", () => count.release(address));

    const maxBytes = Math.max(MAX_SEND_BODY_BYTES, limits.maxFrameBytes + HELLO_BYTES);
    const body = await readBody(request, maxBytes, { address, places: this.#services.bodies });
    if (body.kind === "aborted" || response.destroyed) return;
    if (body.kind === "refused") {
      this.#services.events.refused(body.error.code, { address }, kind);
      if (body.isUnread) answerErrorUnread(request, response, body.error, clock);
      else answerError(response, body.error);
      return;
    }
    if (this.#services.isDraining) return refuse(DRAINING);
    request.socket.setNoDelay(true);
    const of: ExchangeOf = {
      request,
      response,
      address,
      lines: frameLines(body.text),
      services: this.#services,
      pressure: this.#pressure,
    };
    const exchange = makeExchange(kind, of, query, waitSeconds);
    exchange.trace = this.#services.events.opened(kind, address, request.headers.origin);
    this.#begin(exchange, response);
    onPeerEnd(request, response, () => exchange.peerEnded());
  }

  #begin(exchange: FrameExchange, response: ServerResponse): void {
    const { counters } = this.#services;
    this.#open.add(exchange);
    counters.connections[exchange.kind] += 1;
    counters.connectionsOpened[exchange.kind] += 1;
    this.#heartbeat.watch(exchange);
    response.on("drain", () => exchange.drained());
    response.once("close", () => {
      exchange.gone();
      this.#open.delete(exchange);
      this.#heartbeat.unwatch(exchange);
      counters.connections[exchange.kind] -= 1;
    });
    exchange.begin();
  }

  #refuseUnread({ request, response, address }: ExchangeRequest, error: HttpError, kind: ExchangeKind): void {
    this.#services.events.refused(error.code, { address }, kind);
    answerErrorUnread(request, response, error, this.#services.clock);
  }
}

function makeExchange(
  kind: ExchangeKind,
  exchange: ExchangeOf,
  query: URLSearchParams,
  waitSeconds: number,
): FrameExchange {
  switch (kind) {
    case "stream":
      return new StreamExchange(exchange, query.get("pongs") === "1");
    case "poll":
      return new PollExchange(exchange, waitSeconds);
    case "send":
      return new SendExchange(exchange);
  }
}
