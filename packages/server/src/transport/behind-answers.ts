import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/**
 * Calls `next` when a socket owes no answer any more: at once, or behind the answers of requests that stand before. An
 * upgrade and a refusal written by hand take the whole socket, and what overtook an answer would be taken for it; of
 * an upgrade that answer would then be the first frame. Not called where those answers end the connection.
 *
 * Rules: docs/protocol.md, REFUSE-61.
 */
export function behindAnswers(socket: Duplex, next: () => void): void {
  const { _httpMessage: owed } = socket as { readonly _httpMessage?: ServerResponse | null };
  if (owed === undefined || owed === null) {
    next();
    return;
  }
  socket.on("error", () => socket.destroy());
  // By then Node has put the answer that is next in its place.
  owed.once("close", () => {
    if (socket.writable) behindAnswers(socket, next);
    else socket.destroy();
  });
}
