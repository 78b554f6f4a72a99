import type { SoughtPhrase } from "./search-words.ts";
import { type Token, tokensIn } from "./tokens.ts";

/** Characters of a text that are shown of a hit, and how many of them before its first match. */
const LENGTH = 240;
const BEFORE = 60;

/** A piece of the text with the first match in it: in turn what does not match and what does. */
export function excerpt(text: string, phrases: readonly SoughtPhrase[]): string[] {
  const tokens = tokensAround(text, phrases);
  const matches = matchesIn(tokens, phrases);
  const first = matches[0]?.from ?? 0;
  let start = first > BEFORE && text.length > LENGTH ? wordStart(tokens, first - BEFORE) : 0;
  start = Math.min(start, first);
  const end = Math.min(text.length, start + LENGTH);
  const parts: string[] = [start > 0 ? "… " : ""];
  let at = start;
  const say = (words: string, isMatch: boolean): void => {
    if (words === "") return;
    if ((parts.length % 2 === 0) === isMatch) parts[parts.length - 1] += words;
    else parts.push(words);
  };
  for (const { from, to } of matches) {
    if (from < at || to > end) continue;
    say(text.slice(at, from), false);
    say(text.slice(from, to), true);
    at = to;
  }
  say(text.slice(at, end), false);
  if (end < text.length) say(" …", false);
  return parts.map((part) => part.toWellFormed());
}

/** From the beginning on to behind what is shown of the first match: what follows in a long text costs nothing. */
function tokensAround(text: string, phrases: readonly SoughtPhrase[]): Token[] {
  const tokens: Token[] = [];
  let end = Infinity;
  for (const token of tokensIn(text)) {
    if (token.from > end) break;
    tokens.push(token);
    const isFirst =
      end === Infinity && phrases.some((phrase) => isAt(tokens, tokens.length - phrase.words.length, phrase));
    if (isFirst) end = token.to + LENGTH;
  }
  return tokens;
}

function wordStart(tokens: readonly Token[], from: number): number {
  return tokens.find((token) => token.from >= from)?.from ?? from;
}

/** Where in the text the phrases stand, in order. */
function matchesIn(
  tokens: readonly Token[],
  phrases: readonly SoughtPhrase[],
): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (const phrase of phrases) {
    const { length } = phrase.words;
    for (let index = 0; index + length <= tokens.length; index++) {
      if (isAt(tokens, index, phrase))
        found.push({ from: tokens[index]?.from ?? 0, to: tokens[index + length - 1]?.to ?? 0 });
    }
  }
  return found.sort((a, b) => a.from - b.from || b.to - a.to);
}

function isAt(tokens: readonly Token[], index: number, { words, isPrefix }: SoughtPhrase): boolean {
  return words.every((word, nth) => {
    const token = tokens[index + nth]?.word ?? "";
    return isPrefix && nth === words.length - 1 ? token.startsWith(word) : token === word;
  });
}
