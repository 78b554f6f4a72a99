import { parseOffset, MAX_PAGE_MESSAGES, isRoomName } from "@parlor/protocol";

/** A room that a socket's address names, and where its reader begins. */
export interface RoomAddress {
  /** As `WebSocket.url` shows it. */
  readonly href: string;
  /** The server's base address, with `http:` or `https:` and a slash at its end. */
  readonly base: URL;
  readonly room: string;
  /** `?last=N`. @default 50, as in every plain room */
  readonly last: number;
  /** `?after=OFFSET`, in place of `last`. */
  readonly after: number | null;
}

const DEFAULT_LAST = 50;

/**
 * What a socket's address means on a Parlor server of one of these origins; null where it means nothing there, so
 * that the platform's own class can say what it has to say of it.
 */
export function roomAddressOf(text: string, origins: readonly string[]): RoomAddress | null {
  const page = globalThis.document?.baseURI ?? globalThis.location?.href;
  if (!URL.canParse(text, page)) return null;
  const url = new URL(text, page);
  url.protocol = url.protocol.replace("http", "ws");
  const { href, origin, pathname, searchParams, username } = url;
  if (!origins.includes(origin) || username !== "" || href.includes("#")) return null;
  const [, path, name] = /^(.*\/)rooms\/([^/]+)$/.exec(pathname) ?? [];
  const room = name === undefined ? null : decoded(name);
  if (room === null || !isRoomName(room)) return null;
  const [last, after] = [searchParams.get("last"), searchParams.get("after")];
  const lastCount = last === null ? DEFAULT_LAST : parseOffset(last);
  const afterOffset = after === null ? null : parseOffset(after);
  const isStart =
    (last === null || after === null) &&
    lastCount !== null &&
    lastCount <= MAX_PAGE_MESSAGES &&
    (after === null) === (afterOffset === null);
  return isStart
    ? {
        href,
        base: new URL(`${origin.replace("ws", "http")}${path}`),
        room,
        last: lastCount,
        after: afterOffset,
      }
    : null;
}

/**
 * An origin as an address of a socket there has it: `ws` for `http`.
 *
 * @throws {TypeError} where it is none: one that never matches would go unseen.
 */
export function socketOrigin(origin: string): string {
  const url = URL.canParse(origin) ? new URL(origin) : null;
  if (url === null || !/^(http|ws)s?:$/.test(url.protocol) || url.pathname + url.search + url.hash !== "/")
    throw new TypeError(`"${origin}" is not an origin, such as "https://chat.example".`);
  return url.origin.replace("http", "ws");
}

function decoded(name: string): string | null {
  try {
    return decodeURIComponent(name);
  } catch {
    // Not UTF-8: no room has that name, and the server says so.
    return null;
  }
}
