import { isReservedRoom, roomNameFault } from "@parlor/protocol";

/** Where the address bar points. */
export type Route =
  | {
      readonly kind: "room";
      readonly room: string;
      /** The offset of the message that the address points at; null where it is the room as a whole. */
      readonly message: number | null;
    }
  /** An address that can't be a room, with what is wrong in words. */
  | { readonly kind: "not-a-room"; readonly sentence: string };

export const FIRST_ROOM = "lobby";

/**
 * Reads the path of an address below `basePath` ("/", or "/chat/"). A name is taken as it is or
 * refused, never changed: two spellings must not be one room. Its fragment may point at a message.
 */
export function readRoute(pathname: string, basePath: string, fragment = ""): Route {
  const route = readPath(pathname, basePath);
  const message = /^#m-([1-9]\d{0,15})$/.exec(fragment)?.[1];
  return route.kind === "room" && message !== undefined ? { ...route, message: Number(message) } : route;
}

function readPath(pathname: string, basePath: string): Route {
  const path = pathname.startsWith(basePath) ? pathname.slice(basePath.length) : "";
  if (path === "" || path === "index.html" || path === "r/")
    return { kind: "room", room: FIRST_ROOM, message: null };
  if (!path.startsWith("r/")) return { kind: "not-a-room", sentence: "There is no page at this address." };
  const encoded = path.slice(2);
  if (encoded.includes("/")) {
    return { kind: "not-a-room", sentence: "A slash in a room's name is written %2F in its address." };
  }
  let room: string;
  try {
    room = decodeURIComponent(encoded);
  } catch {
    return { kind: "not-a-room", sentence: "The percent signs in this address do not spell a name." };
  }
  return routeToRoom(room);
}

/** The route to a room that somebody named. */
export function routeToRoom(room: string): Route {
  const fault = roomNameFault(room);
  if (fault !== null) return { kind: "not-a-room", sentence: asSentence(fault) };
  if (isReservedRoom(room)) {
    return { kind: "not-a-room", sentence: "Names that begin with @ belong to the server." };
  }
  return { kind: "room", room, message: null };
}

export function roomPath(room: string, basePath: string): string {
  return `${basePath}r/${encodeURIComponent(room)}`;
}

/** What stands behind a room's address where one message of it is meant. */
export function messageFragment(offset: number): string {
  return `#m-${offset}`;
}

function asSentence(fault: string): string {
  return `${fault.charAt(0).toUpperCase()}${fault.slice(1)}.`;
}
