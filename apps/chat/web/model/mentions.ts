/** A word that names somebody: `@` and letters, digits or what joins them. */
const MENTION = /(?<![\p{L}\p{N}@])@[\p{L}\p{N}][\p{L}\p{N}\p{M}_.-]*/gu;

export interface TextPiece {
  readonly text: string;
  /** Null where it names nobody. */
  readonly mention: "me" | "other" | null;
}

/**
 * Cuts a text at its mentions. `me` is the reader's name, which may have spaces and is found in either case; null
 * for one who chose none.
 */
export function mentionPieces(text: string, me: string | null): readonly TextPiece[] {
  if (!text.includes("@")) return [{ text, mention: null }];
  const found: { readonly at: number; readonly end: number; readonly mention: "me" | "other" }[] = [];
  for (let own = findName(text, me, 0); own !== null; own = findName(text, me, own.end)) {
    found.push({ ...own, mention: "me" });
  }
  const mine = [...found];
  // Both rise, so each is looked at once: a stranger's 64 KB may hold thousands.
  let next = 0;
  for (const match of text.matchAll(MENTION)) {
    const [at, end] = [match.index, match.index + match[0].length];
    while ((mine[next]?.end ?? Infinity) <= at) next += 1;
    if (end <= (mine[next]?.at ?? Infinity)) found.push({ at, end, mention: "other" });
  }
  const pieces: TextPiece[] = [];
  let taken = 0;
  for (const { at, end, mention } of found.sort((a, b) => a.at - b.at)) {
    if (at > taken) pieces.push({ text: text.slice(taken, at), mention: null });
    pieces.push({ text: text.slice(at, end), mention });
    taken = end;
  }
  if (taken < text.length) pieces.push({ text: text.slice(taken), mention: null });
  return pieces;
}

const LETTER_BEFORE = /[\p{L}\p{N}@]$/u;
const LETTER_AFTER = /^[\p{L}\p{N}_]/u;

function findName(text: string, name: string | null, from: number): { at: number; end: number } | null {
  if (name === null || name === "") return null;
  const wanted = `@${name}`;
  for (let at = text.indexOf("@", from); at >= 0; at = text.indexOf("@", at + 1)) {
    const end = at + wanted.length;
    const isName = text.slice(at, end).toLowerCase() === wanted.toLowerCase();
    // No letter has more than two units.
    const isApart = !LETTER_BEFORE.test(text.slice(Math.max(0, at - 2), at));
    if (isName && isApart && !LETTER_AFTER.test(text.slice(end, end + 2))) {
      return { at, end };
    }
  }
  return null;
}
