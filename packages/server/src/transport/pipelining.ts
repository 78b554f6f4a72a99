import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Requests of one socket that are answered at a time. Browsers send one; this leaves room for tools. */
const MAX_PIPELINED = 4;

/** What becomes of a request: it is answered, refused in words, or left alone behind one that was refused. */
export type PipelineVerdict = "go" | "refuse" | "ignore";

/**
 * Bounds what one socket can have answered at once. A peer may write a thousand requests into one segment
 * and read none of the answers; each would hold a page of history until it does. Rule: [GROW-64].
 */
export class Pipelining {
  readonly #sockets = new WeakMap<Socket, { open: number; isRefused: boolean }>();

  /** Behind the request that was taken last nothing of this socket is taken any more. */
  end(socket: Socket): void {
    const state = this.#sockets.get(socket);
    if (state !== undefined) state.isRefused = true;
  }

  /** Counts a request until its response is over. After `refuse` the answer must close the connection. */
  enter(request: IncomingMessage, response: ServerResponse): PipelineVerdict {
    const { socket } = request;
    let state = this.#sockets.get(socket);
    if (state === undefined) this.#sockets.set(socket, (state = { open: 0, isRefused: false }));
    const counted = state;
    if (counted.isRefused) return "ignore";
    if (counted.open >= MAX_PIPELINED) {
      counted.isRefused = true;
      return "refuse";
    }
    counted.open += 1;
    response.once("close", () => {
      counted.open -= 1;
    });
    return "go";
  }
}
