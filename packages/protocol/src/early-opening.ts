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

/** Frames that a server takes so: what more there is to say comes in turns, like any other frames. */
export const MAX_OPENING_FRAMES = 8;
/** Proxies and servers bound a line of a request at 8 KB, and all of them together at 16. */
export const MAX_OPENING_CHARACTERS = 2_048;

/** The subprotocols to offer for a connection that begins with these frames. */
export function offeredWith(opening: readonly string[]): string[] {
  // In a frame such characters stand within strings only, where they may be said so.
  const text = opening.join("\n").replace(/[^\0-\x7f]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  const frames = btoa(text).replace(/[+/=]/g, (sign) => ({ "+": "-", "/": "_" })[sign] ?? "");
  const isShort = opening.length <= MAX_OPENING_FRAMES && frames.length <= MAX_OPENING_CHARACTERS;
  return isShort ? [SUBPROTOCOL, OPENED_SUBPROTOCOL, OPENING_PREFIX + frames] : [SUBPROTOCOL];
}
