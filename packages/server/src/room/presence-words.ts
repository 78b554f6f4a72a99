import type { PresenceEntry } from "./presence-fold.ts";

/** The channel of the bus on which processes tell each other who is there. */
export const PRESENCE_CHANNEL = "presence";

/**
 * What a process says of its own connections. `seq` counts what it said of changes, over all rooms: whoever
 * hears another than the next one has missed something.
 */
export type PresenceWord =
  /** It lives, and has said so much. */
  | { readonly kind: "beat"; readonly node: string; readonly seq: number }
  | {
      readonly kind: "put";
      readonly node: string;
      readonly seq: number;
      readonly room: string;
      readonly identity: string;
      readonly entry: PresenceEntry;
    }
  | {
      readonly kind: "end";
      readonly node: string;
      readonly seq: number;
      readonly room: string;
      readonly identity: string;
    }
  /** All that are in a room by it, after `seq` changes. */
  | {
      readonly kind: "all";
      readonly node: string;
      readonly seq: number;
      readonly room: string;
      readonly entries: ReadonlyMap<string, PresenceEntry>;
    }
  /** Asks who is in these rooms: one process, or all. */
  | {
      readonly kind: "ask";
      readonly node: string;
      readonly rooms: readonly string[];
      readonly of: string | null;
    }
  /** Asks which processes there are. */
  | { readonly kind: "who"; readonly node: string }
  /** It stops; its connections find another one. */
  | { readonly kind: "bye"; readonly node: string };

export function packWord(word: PresenceWord): string {
  if (word.kind !== "all") return JSON.stringify(word);
  const { entries, ...rest } = word;
  return JSON.stringify({
    ...rest,
    entries: Array.from(entries, ([identity, { profileJson, at }]) => [identity, profileJson, at]),
  });
}

/** Takes apart what `packWord` made: what is on the bus was said by our own. */
export function unpackWord(text: string): PresenceWord {
  const word = JSON.parse(text) as PresenceWord;
  if (word.kind !== "all") return word;
  const list = word.entries as unknown as readonly (readonly [string, string | null, number])[];
  return {
    ...word,
    entries: new Map(list.map(([identity, profileJson, at]) => [identity, { profileJson, at }])),
  };
}
