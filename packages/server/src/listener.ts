import {
  createServer,
  STATUS_CODES,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { CodedError, systemClock, type Random } from "@parlor/base";
import type { ErrorCode } from "@parlor/protocol";
import { ConnectionLimits, type LimitRefusal } from "./connection-limits.ts";
import type { ConnectionRefusal } from "./room/counters.ts";
import { behindAnswers } from "./transport/behind-answers.ts";
import { answerErrorOnSocket, errorBody, type HttpError } from "./transport/http-answer.ts";
import { answerHalfClosed } from "./transport/half-closed.ts";
import { PeerFinder } from "./transport/peer-address.ts";

export interface ListenOptions {
  /** @default 8080; 0 is any free one */
  readonly port?: number | undefined;
  /** @default "127.0.0.1" */
  readonly host?: string | undefined;
  /** Answers requests for addresses that are not Parlor's. @default 404 in words */
  readonly fallback?: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
}

export interface Listening {
  /** `http://127.0.0.1:8080/`, with the base path. */
  readonly url: string;
  readonly port: number;
}

/** Told of a socket that was cut off before there was a request to answer, and of its address as the system knows it. */
export type OnTurnedAway = (
  reason: Extract<ConnectionRefusal, "too-many-sockets" | "slow-request" | "bad-request">,
  code: ErrorCode,
  address: string,
) => void;

/** Longest time for the headers, and for the whole, of one request, ms: a slow peer holds nothing. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 15_000;

/** How often Node looks for requests over those times, ms. */
const CHECK_INTERVAL_MS = 2_000;

/** Sockets beyond the counted connections that may be open for plain requests. */
const REQUEST_SOCKETS = 64;

export interface ListenerLimits {
  readonly maxConnections: number;
  /** `Infinity` for off. */
  readonly connectionsPerAddress: number;
  readonly trustProxy: readonly string[];
  readonly random: Random;
}

/**
 * An `http.Server` with limits that fit the open internet. Sockets beyond `maxConnections` and a few for
 * plain requests are answered 503 before they ask, since a process without free files answers nobody. For
 * the same reason one address has a share of them, whatever it says on them or does not say: as many as its
 * connections, as many again for its sends, and a few for plain requests.
 */
export function createListener(limits: ListenerLimits, onTurnedAway: OnTurnedAway): Server {
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
    // Node's refusal has no words; the door's has.
    requireHostHeader: false,
    // What asks for another protocol (curl's h2c) is served as the plain request that it is, too.
    shouldUpgradeCallback: (request: IncomingMessage) =>
      (request.headers.upgrade ?? "").toLowerCase().includes("websocket"),
  } as Parameters<typeof createServer>[0]);
  answerHalfClosed(server);
  // Node would answer 417 without a word; an expectation that nobody knows may as well be passed over.
  server.on("checkExpectation", (request, response) => server.emit("request", request, response));
  // Node would close the connection without a word.
  server.on("connect", (_request, socket) =>
    behindAnswers(socket, () => answerErrorOnSocket(socket, NO_TUNNEL, systemClock)),
  );
  const { maxConnections, connectionsPerAddress, trustProxy, random } = limits;
  const proxies = new PeerFinder(trustProxy);
  const sockets = new ConnectionLimits({
    connectionsPerAddress: 2 * connectionsPerAddress + REQUEST_SOCKETS,
    maxConnections: maxConnections + REQUEST_SOCKETS,
    random,
  });
  server.on("connection", (socket) => {
    const { remoteAddress } = socket;
    // A proxy's sockets are those of everybody; each is a peer of its own.
    const holder = proxies.isProxy(remoteAddress) ? `proxy ${socket.remotePort}` : (remoteAddress ?? "");
    const refusal = sockets.take(holder);
    if (refusal === null) {
      socket.once("close", () => sockets.release(holder));
      return;
    }
    onTurnedAway("too-many-sockets", "too-many-connections", remoteAddress ?? "");
    socket.on("error", () => socket.destroy());
    socket.end(refusalText(refusal));
    socket.destroySoon();
  });
  return server;
}

const NO_TUNNEL: HttpError = {
  code: "unknown-frame",
  status: 405,
  message: "Nothing leads from here to another server.",
  headers: { allow: "GET, HEAD, POST, OPTIONS" },
};

/** An answer to whoever has asked nothing yet. */
function refusalText({ code, message, status, retryAfterMs }: LimitRefusal): string {
  const body = errorBody({ code, message });
  return (
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\n` +
    `Retry-After: ${Math.ceil(retryAfterMs / 1_000)}\r\nConnection: close\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
}

/** Listens; rejects with a `CodedError` whose sentence an operator can act on. */
export function listen(
  server: Server,
  { port = 8_080, host = "127.0.0.1" }: ListenOptions,
): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      reject(new CodedError(error.code ?? "internal", listenFault(error, port, host), { cause: error }));
    };
    server.once("error", onError);
    server.listen({ port, host }, () => {
      server.off("error", onError);
      resolve(server.address() as AddressInfo);
    });
  });
}

function listenFault(error: NodeJS.ErrnoException, port: number, host: string): string {
  switch (error.code) {
    case "EADDRINUSE":
      return `Port ${port} on ${host} is taken by another program; choose another port, or 0 for any free one.`;
    case "EACCES":
      return `Port ${port} may not be opened by this user; choose one above 1023.`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `${host} is not an address of this machine.`;
    default:
      return `Can't listen on ${host}, port ${port}: ${error.message}.`;
  }
}

/** Closes the listener and, after `graceMs`, what is still connected. */
export async function closeListener(server: Server, whenToCut: Promise<void>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  await Promise.race([closed, whenToCut]);
  server.closeAllConnections();
}
