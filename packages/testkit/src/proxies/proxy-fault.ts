import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex, Transform } from "node:stream";

/** What a proxy does other than a good one; what a fault leaves out, it does well. */
export interface ProxyFault {
  /** Joins a client and the server that took its upgrade, from the server's answer on. */
  readonly join?: (client: Duplex, server: Socket) => void;
  /** Answers a request to upgrade here, or has it passed on without the headers that ask for one. */
  readonly treatUpgrade?: (client: Duplex) => "answered" | "pass-without";
  /** What a response's body goes through on its way; made anew for each. */
  readonly body?: (response: IncomingMessage) => Transform;
  /** Told of each connection that comes. */
  readonly connection?: (client: Socket) => void;
}
