/**
 * Peers that end their side of the connection behind a request: `nc -N` does, and scripts that shut their socket down
 * for writing. They still read, so what ends by itself is answered to the end; what doesn't (a stream, a feed, a
 * handler of the host's) ends as before, since the end of the peer's side is how those hear that it has gone.
 *
 * Rules: docs/protocol.md, REFUSE-62.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";

/** Has a server answer them, which Node does not by itself. */
export function answerHalfClosed(server: Server): void {
  // Not in Node's pages and in its types, but in every version of it since 0.9.
  (server as Server & { httpAllowHalfOpen: boolean }).httpAllowHalfOpen = true;
}

/** Calls `end` once the peer has ended its side, if the answer is not over by then; at once where it has. */
export function onPeerEnd(request: IncomingMessage, response: ServerResponse, end: () => void): void {
  const { socket } = request;
  if (socket.readableEnded) {
    end();
    return;
  }
  socket.once("end", end);
  // The connection may be kept alive for other requests.
  response.once("close", () => socket.off("end", end));
}

/** Ends the connection when the peer ends its side: for an answer that would go on without it. */
export function endWithPeer(request: IncomingMessage, response: ServerResponse): void {
  onPeerEnd(request, response, () => request.socket.end());
}
