import type { Wanted } from "../cursor.ts";
import { parseOffset, MAX_PAGE_MESSAGES, isRoomName } from "@parlor/protocol";

/** A room that a socket's address names, and where its reader begins. */
export interface RoomAddress {
  /** As `WebSocket.url` shows it. */
  readonly href: string;
  /** The server's base address, with `http:` or `https:` and a slash at its end. */
  readonly base: URL;
  readonly room: string;
  /** `?last=N`, 50 where nothing is said as in every plain room; or `?after=OFFSET` in its place. */
  readonly wanted: Wanted;
}

const DEFAULT_LAST = "50";

/**
 * What a socket's address means on a Parlor server of one of these origins; null where it means nothing there, so
 * that the platform's own class can say what it has to say of it.
 */
export function roomAddressOf(text: string, origins: readonly string[]): RoomAddress | null {
  try {
    const url = new URL(text, globalThis.document?.baseURI ?? globalThis.location?.href);
    url.protocol = url.protocol.replace("http", "ws");
    const { href, origin, pathname, searchParams, username } = url;
    const [, path, name = ""] = /^(.*\/)rooms\/([^/]+)$/.exec(pathname) ?? [];
    const room = decodeURIComponent(name);
    const [last, after] = [searchParams.get("last"), searchParams.get("after")];
    const start = parseOffset(after ?? last ?? DEFAULT_LAST);
    if (
      start === null ||
      (after === null ? start > MAX_PAGE_MESSAGES : last !== null) ||
      !origins.includes(origin) ||
      username !== "" ||
      href.includes("#") ||
      !isRoomName(room)
    )
      return null;
    const base = new URL(origin.replace("ws", "http") + path);
    return {
      href,
      base,
      room,
      wanted: after === null ? { last: start } : { from: { epoch: "", offset: start } },
    };
  } catch {
    // No address at all, or a room's name that is not UTF-8: no room has it, and the server says so.
    return null;
  }
}

/**
 * An origin as an address of a socket there has it: `ws` for `http`.
 *
 * @throws {TypeError} where it is none: one that never matches would go unseen.
 */
export function socketOrigin(origin: string): string {
  const { href, origin: own } = URL.canParse(origin) ? new URL(origin) : { href: "", origin: "" };
  if (!/^(http|ws)s?:/.test(own) || href !== `${own}/`)
    throw new TypeError(`"${origin}" is not an origin, such as "https://chat.example".`);
  return own.replace("http", "ws");
}
