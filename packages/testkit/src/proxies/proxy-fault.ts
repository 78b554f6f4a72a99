import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex, Transform } from "node:stream";

/** A request on its way, as a fault that treats requests itself has it. */
export interface ProxiedRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Begins the same request to the server, once more at each call; its body is the fault's to give. */
  open(): ClientRequest;
  /** Passes the answer to this one on to the client. Once. */
  answerWith(upstream: ClientRequest): void;
}

/** What a proxy does other than a good one; what a fault leaves out, it does well. */
export interface ProxyFault {
  /** Joins a client and the server that took its upgrade, from the server's answer on. */
  readonly join?: (client: Duplex, server: Socket) => void;
  /** Answers a request to upgrade here, or has it passed on without the headers that ask for one. */
  readonly treatUpgrade?: (client: Duplex) => "answered" | "pass-without";
  /** Takes a request over, from its first byte on, or leaves it to be passed on. */
  readonly treatRequest?: (proxied: ProxiedRequest) => "taken" | "pass";
  /** What a response's body goes through on its way; made anew for each. */
  readonly body?: (response: IncomingMessage) => Transform;
  /** Told of each connection that comes. */
  readonly connection?: (client: Socket) => void;
}
