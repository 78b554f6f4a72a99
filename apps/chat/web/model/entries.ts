import { isJsonObject, type JsonObject, type Message } from "@parlor/protocol";
import { actOf, BY_ACT } from "./acts.ts";
import { displayName } from "./display-name.ts";

/**
 * What a message that carries `re` says about the one it is about. The shapes are in docs/messages.md:
 *
 *     {"edit":"new text"}   {"delete":true}   {"react":"👍","name":"Ada"}   {"unreact":"👍"}   {"preview":{…}}
 *
 * Any other body is no entry, and says nothing: rooms are open to other programs.
 */
export type Entry = {
  /** The message that it is about. */
  readonly re: number;
  readonly offset: number;
  readonly from: string;
} & EntryContent;

export type EntryContent =
  | { readonly kind: "edit"; readonly text: string }
  | { readonly kind: "delete" }
  | { readonly kind: "react"; readonly emoji: string; readonly name: string | null }
  | { readonly kind: "unreact"; readonly emoji: string }
  /** Read by who shows it (`previewOf`). */
  | { readonly kind: "preview"; readonly preview: JsonObject };

/** The body of an entry, as this page publishes it. */
export type EntryBody =
  | { readonly edit: string }
  | { readonly delete: true }
  | { readonly react: string; readonly name: string }
  | { readonly unreact: string };

/** The longest emoji there is in Unicode has 15 units (a family of four, or a couple with two skin tones). */
const MAX_EMOJI_UNITS = 24;
// By its constructor, since the form with `v` is newer than what the page is compiled for.
const ONE_EMOJI = new RegExp("^\\p{RGI_Emoji}$", "v");

export function isEmoji(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_EMOJI_UNITS && ONE_EMOJI.test(value);
}

/** Reads what a message says about another one; null where it says nothing, or was erased. */
export function entryOf(message: Message): Entry | null {
  const { re, offset, from, body } = message;
  // What comes later is about what was before it: nothing can be said of a message to come.
  if (re === undefined || re >= offset) return null;
  if (actOf(message)?.["kind"] === "remove") return { re, offset, from: BY_ACT, kind: "delete" };
  const content = entryContent(body);
  return content === null ? null : { re, offset, from, ...content };
}

export function entryContent(body: unknown): EntryContent | null {
  if (!isJsonObject(body)) return null;
  const { edit, react, unreact, preview } = body;
  if (body["delete"] === true) return { kind: "delete" };
  if (typeof edit === "string") return edit.trim() === "" ? null : { kind: "edit", text: edit };
  if (isEmoji(react)) return { kind: "react", emoji: react, name: displayName(body["name"]) };
  if (isEmoji(unreact)) return { kind: "unreact", emoji: unreact };
  if (isJsonObject(preview)) return { kind: "preview", preview };
  return null;
}
