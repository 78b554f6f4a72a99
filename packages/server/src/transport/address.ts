/**
 * Which of the server's addresses a request's target means.
 *
 * The target is read as it came, never through a URL parser: a parser would resolve `%2e%2e` and so
 * turn one room's address into another's. A segment is split off first and decoded afterwards, once.
 */
import { roomNameFault } from "@parlor/protocol";

export type Address =
  | { readonly kind: "room" | "room-messages" | "room-files"; readonly room: string }
  /** A file of a room by its hash, an upload to one by its id; either may be of any form. */
  | { readonly kind: "room-file" | "room-upload"; readonly room: string; readonly name: string }
  | { readonly kind: "connect" | "connect-stream" | "connect-poll" | "connect-send" }
  | { readonly kind: "healthz" | "readyz" | "metrics" }
  /** The page for people; `file` is null for itself, else one of the files that belong to it. */
  | { readonly kind: "status"; readonly file: string | null }
  /** An address of a room whose name can't be one: 400 `bad-room`. */
  | { readonly kind: "bad-room"; readonly fault: string }
  /** An address of ours, written as no client should: 400 `bad-frame`. */
  | { readonly kind: "bad-target"; readonly fault: string };

export interface Target {
  readonly address: Address;
  /** Decoded parameters; broken percent-encoding in them becomes U+FFFD. */
  readonly query: URLSearchParams;
}

type FixedKind = Exclude<Address, { room: string } | { fault: string } | { file: string | null }>["kind"];

const FIXED: ReadonlyMap<string, FixedKind> = new Map([
  ["connect", "connect"],
  ["connect/stream", "connect-stream"],
  ["connect/poll", "connect-poll"],
  ["connect/send", "connect-send"],
  ["healthz", "healthz"],
  ["readyz", "readyz"],
  ["metrics", "metrics"],
]);

// What a request line may hold at all: printable ASCII. `#` begins a fragment, which no client sends.
const WELL_FORMED_TARGET = /^[!"$-~]*$/;

const ABSOLUTE_FORM = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*/;

/**
 * Reads a request target (`request.url`) below `basePath`, which begins and ends with `/`. Null where the
 * address is none of ours, so that the host's own handlers may have it.
 */
export function parseTarget(target: string, basePath: string): Target | null {
  const authority = ABSOLUTE_FORM.exec(target)?.[0];
  const { path, query } = splitQuery(authority === undefined ? target : target.slice(authority.length));
  if (!path.startsWith(basePath)) return null;
  const address = addressBelow(path.slice(basePath.length));
  if (address === null) return null;
  if (authority !== undefined) {
    // Intentionally refused: beside it stands a Host header, and which of two hosts counts is the kind of
    // question that the Origin rule must not depend on.
    return {
      address: {
        kind: "bad-target",
        fault: "the request line names a whole URL; write the path only, beginning with a slash",
      },
      query,
    };
  }
  return { address, query };
}

function splitQuery(target: string): { path: string; query: URLSearchParams } {
  const mark = target.indexOf("?");
  if (mark === -1) return { path: target, query: new URLSearchParams() };
  return { path: target.slice(0, mark), query: new URLSearchParams(target.slice(mark + 1)) };
}

function addressBelow(path: string): Address | null {
  const fixed = FIXED.get(path);
  if (fixed !== undefined) return { kind: fixed };
  if (path === "status") return { kind: "status", file: null };
  const [first, second, third, fourth, ...rest] = path.split("/");
  if (first === "status" && second !== undefined && second !== "" && third === undefined) {
    return { kind: "status", file: second };
  }
  if (first !== "rooms" || second === undefined || rest.length > 0) return null;
  if (third === undefined) return roomAddress("room", second);
  if (fourth === undefined) {
    if (third === "messages") return roomAddress("room-messages", second);
    return third === "files" ? roomAddress("room-files", second) : null;
  }
  if (fourth === "" || (third !== "files" && third !== "uploads")) return null;
  const of = roomAddress("room", second);
  const kind = third === "files" ? "room-file" : "room-upload";
  return of.kind === "room" ? { kind, room: of.room, name: fourth } : of;
}

function roomAddress(kind: "room" | "room-messages" | "room-files", segment: string): Address {
  if (!WELL_FORMED_TARGET.test(segment)) {
    return { kind: "bad-room", fault: "what is not printable ASCII stands percent-encoded in an address" };
  }
  let room: string;
  try {
    room = decodeURIComponent(segment);
  } catch {
    return { kind: "bad-room", fault: "the room's name is not percent-encoded UTF-8" };
  }
  const fault = roomNameFault(room);
  return fault === null ? { kind, room } : { kind: "bad-room", fault };
}
