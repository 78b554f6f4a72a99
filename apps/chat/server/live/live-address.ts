import { roomNameFault } from "@parlor/protocol";
import { FIRST_ROOM } from "../../web/model/route.ts";

/** What an address means to the page without a script. */
export type LiveAddress =
  | { readonly kind: "live"; readonly room: string; readonly query: URLSearchParams }
  | { readonly kind: "bad-room"; readonly sentence: string }
  /** `/?live` and `/r/NAME?live`: where a page whose script does not run sends its reader. */
  | { readonly kind: "lead"; readonly location: string };

/**
 * Reads an address below `basePath`; null where it is not one of the page's. As everywhere, a name is split
 * off first, decoded once, and taken as it is or refused.
 */
export function liveAddress(target: string, basePath: string): LiveAddress | null {
  const [beforeFragment = ""] = target.split("#", 1);
  const mark = beforeFragment.indexOf("?");
  const path = mark === -1 ? beforeFragment : beforeFragment.slice(0, mark);
  if (!path.startsWith(basePath)) return null;
  const query = new URLSearchParams(mark === -1 ? "" : beforeFragment.slice(mark + 1));
  const [first = "", segment, last, ...rest] = path.slice(basePath.length).split("/");
  if (first === "r" && segment !== undefined && last === "live.html" && rest.length === 0) {
    return namedRoom(segment, query);
  }
  if (!query.has("live")) return null;
  if ((first === "" || first === "index.html") && segment === undefined) {
    return { kind: "lead", location: `${basePath}r/${FIRST_ROOM}/live.html` };
  }
  if (first !== "r" || segment === undefined || last !== undefined) return null;
  return { kind: "lead", location: `${basePath}r/${segment === "" ? FIRST_ROOM : segment}/live.html` };
}

function namedRoom(segment: string, query: URLSearchParams): LiveAddress {
  let room: string;
  try {
    room = decodeURIComponent(segment);
  } catch {
    return { kind: "bad-room", sentence: "The percent signs in this address do not spell a name." };
  }
  const fault = roomNameFault(room);
  if (fault !== null) {
    return { kind: "bad-room", sentence: `That can't be a room: ${fault}.` };
  }
  return { kind: "live", room, query };
}
