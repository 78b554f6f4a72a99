import { gemoji } from "gemoji";
import { isEmoji } from "./entries.ts";

/** An emoji and one of its names. The table is loaded when somebody first looks for one. */
export interface NamedEmoji {
  readonly emoji: string;
  readonly name: string;
}

const TABLE = gemoji.filter(({ emoji }) => isEmoji(emoji));
const BY_NAME = new Map(TABLE.flatMap(({ emoji, names }) => names.map((name) => [name, emoji] as const)));

/** By an emoji's name, then by how one begins, by a word for it, and by what stands in one; at most `max`. */
export function findEmoji(typed: string, max: number): readonly NamedEmoji[] {
  const wanted = typed.toLowerCase();
  const found = new Map<string, string>();
  const starts = (word: string): boolean => word.startsWith(wanted);
  for (const nameIn of [
    (names: readonly string[]) => names.find((name) => name === wanted),
    (names: readonly string[]) => names.find(starts),
    (names: readonly string[], tags: readonly string[]) => (tags.some(starts) ? names[0] : undefined),
    (names: readonly string[]) => names.find((name) => name.includes(wanted)),
  ]) {
    for (const { emoji, names, tags } of TABLE) {
      if (found.size === max) break;
      const name = found.has(emoji) ? undefined : nameIn(names, tags);
      if (name !== undefined) found.set(emoji, name);
    }
  }
  return [...found].map(([emoji, name]) => ({ emoji, name }));
}

const CODE = /(```[\s\S]*?(?:```|$)|`[^`\n]*`)/;
const NAME = /:([a-z0-9_+-]+):/g;

/** The text with every `:name:` that is one as its emoji, but not in code. */
export function withEmoji(text: string): string {
  // With its brackets the pattern leaves code at the odd places.
  const parts = text.split(CODE).map((part, index) => (index % 2 === 1 ? part : replaceNames(part)));
  return parts.join("");
}

function replaceNames(text: string): string {
  return text.replace(NAME, (written, name: string) => BY_NAME.get(name) ?? written);
}
