import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { endWithPeer } from "./transport/half-closed.ts";
import { answerError, type HttpError } from "./transport/http-answer.ts";
import { headFault } from "./transport/request-head.ts";

export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;
export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** What is not ours needs a sound head all the same; where the server is our own nobody else looks. */
export function withHost(listener: RequestListener): RequestListener {
  return (request, response) => {
    const fault = headFault(request);
    if (fault !== null) return answerError(response, fault);
    // Its answer may be one without an end.
    endWithPeer(request, response);
    listener(request, response);
  };
}

/** The listeners that a server has, which are no longer called by itself. */
export function takeListeners<Listener>(server: Server, event: "request" | "upgrade"): Listener[] {
  const listeners = server.listeners(event) as Listener[];
  server.removeAllListeners(event);
  return listeners;
}

export const NOTHING_SERVED: HttpError = {
  code: "unknown-frame",
  status: 404,
  message: "Nothing is served at that address.",
};

export function answerNotFound(response: ServerResponse): void {
  answerError(response, NOTHING_SERVED);
}
