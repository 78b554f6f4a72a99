/** Where one is on the page; behind the `#`, so that it can be linked to and gone back from. No key is ever there. */
export type Place =
  | { readonly tab: "overview" | "rooms" | "connections" | "moderation" | "acts" }
  | { readonly tab: "room"; readonly room: string }
  /** One person, or who is found by tag or name; both "" for neither. */
  | { readonly tab: "people"; readonly identity: string; readonly find: string };

const PLAIN = ["overview", "rooms", "connections", "moderation", "acts"] as const;

export function placeOf(hash: string): Place {
  const [tab, rest] = split(hash.replace(/^#/, ""));
  if (tab === "room" && rest !== "") return { tab, room: rest };
  if (tab === "people") return { tab, identity: rest, find: "" };
  if (tab === "find") return { tab: "people", identity: "", find: rest };
  const plain = PLAIN.find((each) => each === tab);
  return { tab: plain ?? "overview" };
}

export function hashOf(place: Place): string {
  if (place.tab === "room") return `#room/${encodeURIComponent(place.room)}`;
  if (place.tab === "people") {
    const { identity, find } = place;
    if (identity !== "") return `#people/${encodeURIComponent(identity)}`;
    return find === "" ? "#people" : `#find/${encodeURIComponent(find)}`;
  }
  return `#${place.tab}`;
}

function split(text: string): [string, string] {
  const slash = text.indexOf("/");
  if (slash === -1) return [text, ""];
  try {
    return [text.slice(0, slash), decodeURIComponent(text.slice(slash + 1))];
  } catch {
    return ["", ""];
  }
}
