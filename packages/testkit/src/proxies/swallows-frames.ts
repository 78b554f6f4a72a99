import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ProxyFault } from "./proxy-fault.ts";

const END_OF_HEAD = "\r\n\r\n";
/** A head that is longer is none. */
const MAX_HEAD_BYTES = 65_536;

/**
 * A proxy that passes an upgrade on, answer included, and from then on not a byte either way: a black
 * hole. Both connections stay open, and neither side is told, not even of the other's end. `up` swallows
 * what the client sends, and passes on what comes from the server.
 */
export function swallowsFrames(which: "both" | "up" = "both"): ProxyFault {
  return { join: which === "up" ? joinDownward : join };
}

function joinDownward(client: Duplex, server: Socket): void {
  server.pipe(client);
  client.resume();
}

function join(client: Duplex, server: Socket): void {
  let answer = Buffer.alloc(0);
  const pass = (chunk: Buffer): void => {
    answer = Buffer.concat([answer, chunk]);
    const end = answer.indexOf(END_OF_HEAD);
    if (end === -1 && answer.length < MAX_HEAD_BYTES) return;
    server.off("data", pass);
    client.write(answer.subarray(0, end + END_OF_HEAD.length));
    // What comes is read and forgotten; unread it would slow the sender down, who could tell by that.
    server.resume();
    client.resume();
  };
  server.on("data", pass);
}
