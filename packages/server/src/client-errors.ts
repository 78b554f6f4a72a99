import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { systemClock } from "@parlor/base";
import type { OnTurnedAway } from "./listener.ts";
import { answerErrorOnSocket, type HttpError, isAnsweredWhole } from "./transport/http-answer.ts";

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * From now on what is no HTTP, or too much or too slow of it, is told so in words and cut off; without words
 * where they would land in the middle of an earlier answer, or be a second one to the same request. A request that
 * came whole before it has its own answer first: a publish that is being stored must not hear that it was refused.
 * Comes behind whatever takes the requests' listeners over.
 */
export function answerClientErrors(server: Server, onTurnedAway: OnTurnedAway): void {
  const latest = new WeakMap<Socket, Exchange>();
  /** Those whose response is not over, in their order: a peer may write several requests behind each other. */
  const open = new WeakMap<Socket, Exchange[]>();
  /** Whose last answer is awaited; what else comes on them was said to be no HTTP already. */
  const ending = new WeakSet<Socket>();
  server.prependListener("request", (request: IncomingMessage, response: ServerResponse) => {
    const exchange = { request, response };
    latest.set(request.socket, exchange);
    const exchanges = open.get(request.socket) ?? [];
    open.set(request.socket, exchanges);
    exchanges.push(exchange);
    response.once("close", () => exchanges.splice(exchanges.indexOf(exchange), 1));
  });
  server.on("clientError", (error: NodeJS.ErrnoException, duplex) => {
    const socket = duplex as Socket;
    if (ending.has(socket)) return;
    const exchange = latest.get(socket);
    // Node sends answers in the order of their requests, so the last one is over behind all others.
    const awaited = open.get(socket)?.findLast(isAwaited)?.response ?? null;
    if (exchange !== undefined && isAnswered(exchange)) {
      if (awaited === null) {
        socket.destroySoon();
        return;
      }
      ending.add(socket);
      exchange.response.once("close", () => socket.destroySoon());
      return;
    }
    if (error.code === "ECONNRESET" || (awaited === null && isAnswering(socket))) {
      socket.destroy();
      return;
    }
    const fault = clientFault(error.code);
    const reason = error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? "slow-request" : "bad-request";
    onTurnedAway(reason, fault.code, socket.remoteAddress ?? "");
    if (awaited === null) {
      answerErrorOnSocket(socket, fault, systemClock);
      return;
    }
    ending.add(socket);
    awaited.once("close", () => {
      // Where that answer ended the connection there is no place for another.
      if (socket.writable) answerErrorOnSocket(socket, fault, systemClock);
    });
  });
}

/** Whether a request came whole, and its answer is still to come or on its way: not one that goes on without end. */
function isAwaited({ request, response }: Exchange): boolean {
  if (!request.complete || response.writableFinished || response.destroyed) return false;
  return !response.headersSent || response.writableEnded;
}

function isAnswering(socket: Socket): boolean {
  const { _httpMessage: begun } = socket as { _httpMessage?: { readonly headersSent: boolean } | null };
  return begun?.headersSent === true;
}

/** Whether what was wrong is the body of a request that has its answer already. */
function isAnswered({ request, response }: Exchange): boolean {
  return isAnsweredWhole(response) && !request.complete;
}

function clientFault(code: string | undefined): HttpError {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return { code: "too-large", status: 431, message: "The request's headers are over 16 KiB." };
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return { code: "too-large", message: "The chunk extensions of the request's body are over 16 KiB." };
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return { code: "bad-frame", status: 408, message: "The request did not come whole in time." };
    default:
      return { code: "bad-frame", message: "That is not HTTP/1.1 as its grammar wants it." };
  }
}
