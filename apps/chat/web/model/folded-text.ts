/** A longer text is folded to its beginning: one message must not fill the room. */
const MAX_CHARACTERS = 3_000;
const FOLDED_CHARACTERS = 1_500;
/** Lines that their author broke; of a text with more the first few are shown. */
const MAX_LINES = 60;
const FOLDED_LINES = 30;

/** The beginning of a text that is too long, or too high, to be shown unasked; null where it is neither. */
export function foldedText(text: string): string | null {
  const end = endOfLine(text, MAX_LINES) < text.length ? endOfLine(text, FOLDED_LINES) : text.length;
  if (end === text.length && text.length <= MAX_CHARACTERS) return null;
  return text.slice(0, Math.min(end, FOLDED_CHARACTERS)).toWellFormed();
}

/** The text, but of thousands of marks on one letter the first hundreds: a browser is at work on all of them for seconds. */
export function withoutFloods(text: string): string {
  return text.replace(/(\p{M}{500})\p{M}+/gu, "$1…");
}

/** Where the line of that number ends, counted from 1; the text's end where it has fewer. */
function endOfLine(text: string, line: number): number {
  let end = -1;
  for (let count = 0; count < line; count++) {
    end = text.indexOf("\n", end + 1);
    if (end < 0) return text.length;
  }
  return end;
}
