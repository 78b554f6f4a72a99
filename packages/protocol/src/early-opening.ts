import { MAX_OPENING_CHARACTERS, MAX_OPENING_FRAMES } from "./limits.ts";
import { SUBPROTOCOL } from "./version.ts";

/**
 * The early opening: what a connection begins with (`hello`, then `subscribe`s) said in the request for the
 * WebSocket, so that its answers come with the answer to that request and no round trip later.
 *
 *     Sec-WebSocket-Protocol: parlor.v1, parlor.v1.opened, parlor.v1.opening.<frames>
 *
 * A browser lets a page say nothing else there. A server that has taken the frames chooses `parlor.v1.opened`, and
 * they are not said again; one that has not, or does not know of it, chooses `parlor.v1`, which stands first for
 * those that take the first of what is offered.
 *
 * Rules: docs/protocol.md [HELLO-80] to [HELLO-82].
 */
export const OPENED_SUBPROTOCOL = `${SUBPROTOCOL}.opened`;
export const OPENING_PREFIX = `${SUBPROTOCOL}.opening.`;

/** The subprotocols to offer for a connection that begins with these frames. */
export function offeredWith(opening: readonly string[]): string[] {
  const bytes = new TextEncoder().encode(opening.join("\n"));
  // Three bytes are four characters.
  if (opening.length > MAX_OPENING_FRAMES || bytes.length > 0.75 * MAX_OPENING_CHARACTERS)
    return [SUBPROTOCOL];
  const frames = btoa(String.fromCharCode(...bytes)).replace(
    /[+/=]/g,
    (sign) => ({ "+": "-", "/": "_" })[sign] ?? "",
  );
  return [SUBPROTOCOL, OPENED_SUBPROTOCOL, OPENING_PREFIX + frames];
}
