import { gemoji } from "gemoji";
import { isEmoji } from "./entries.ts";

/** An emoji with its names, the one by which it is found first. Loaded when somebody first looks for one. */
export interface NamedEmoji {
  readonly emoji: string;
  readonly name: string;
}

const NAMED: readonly (NamedEmoji & { readonly words: readonly string[] })[] = gemoji
  .filter(({ emoji }) => isEmoji(emoji))
  .map(({ emoji, names, tags }) => ({ emoji, name: names[0] ?? "", words: [...names, ...tags] }));
const BY_NAME = new Map(gemoji.flatMap(({ emoji, names }) => names.map((name) => [name, emoji] as const)));

/** Emoji of which a name begins with what was typed, then those in a name of which it stands; at most `max`. */
export function findEmoji(typed: string, max: number): readonly NamedEmoji[] {
  const wanted = typed.toLowerCase();
  const found: NamedEmoji[] = [];
  for (const fits of [
    (word: string) => word === wanted,
    (word: string) => word.startsWith(wanted),
    (word: string) => word.includes(wanted),
  ]) {
    for (const { emoji, name, words } of NAMED) {
      if (found.length === max) return found;
      const word = words.find(fits);
      if (word === undefined || found.some((one) => one.emoji === emoji)) continue;
      found.push({ emoji, name: word.startsWith(wanted) && BY_NAME.has(word) ? word : name });
    }
  }
  return found;
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
