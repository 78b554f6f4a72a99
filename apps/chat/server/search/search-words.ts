import { tokensOf } from "./tokens.ts";

/** Words that must stand beside one another; of the last one the beginning may do. */
export interface SoughtPhrase {
  readonly words: readonly string[];
  readonly isPrefix: boolean;
}

const MAX_WORDS = 16;
/** A beginning shorter than this is a word: nearly every message holds one that begins so. */
const MIN_PREFIX = 2;

/**
 * What somebody typed, as phrases that must all be there: words, and what stands in quotes, each as a phrase. The
 * last word is taken for the beginning of one while nothing follows it. Only letters and digits are left of it, so
 * nothing that is typed is syntax of the index.
 */
export function soughtPhrases(typed: string): SoughtPhrase[] {
  const phrases: SoughtPhrase[] = [];
  let count = 0;
  for (const [index, part] of typed.split('"').entries()) {
    const isQuoted = index % 2 === 1;
    for (const piece of isQuoted ? [part] : part.split(/\s+/)) {
      const words = tokensOf(piece)
        .map(({ word }) => word)
        .slice(0, MAX_WORDS - count);
      if (words.length > 0) phrases.push({ words, isPrefix: false });
      count += words.length;
    }
  }
  const last = phrases.at(-1);
  const isOpen = last !== undefined && /[\p{L}\p{N}\p{M}]$/u.test(typed);
  if (!isOpen || (last.words.at(-1)?.length ?? 0) < MIN_PREFIX) return phrases;
  return [...phrases.slice(0, -1), { ...last, isPrefix: true }];
}

/** As the index is asked: every word in quotes, which none of them can hold. */
export function matchOf(phrases: readonly SoughtPhrase[]): string {
  return phrases
    .map(({ words, isPrefix }) => words.map((word) => `"${word}"`).join(" + ") + (isPrefix ? " *" : ""))
    .join(" AND ");
}
