/** A message's text, cut into what is plain and what is a link. */
export type TextPart =
  | { readonly kind: "plain"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly href: string };

// Stops at white space, quotes, angle brackets, and at control and format characters: those could
// make an address look like another one.
const ADDRESS = /\bhttps?:\/\/[^\s<>"'`\p{Cc}\p{Cf}]+/giu;
const TRAILING = /[.,:;!?…]+$/u;

/** Links a text may have; the rest stays plain, so that one message can't fill the page with them. */
const MAX_LINKS = 100;

export function textParts(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  let links = 0;
  for (const match of text.matchAll(ADDRESS)) {
    if (links === MAX_LINKS) break;
    const address = withoutTrailing(match[0]);
    const href = safeHref(address);
    if (href === null) continue;
    if (match.index > end) parts.push({ kind: "plain", text: text.slice(end, match.index) });
    parts.push({ kind: "link", text: address, href });
    end = match.index + address.length;
    links += 1;
  }
  if (end < text.length) parts.push({ kind: "plain", text: text.slice(end) });
  return parts;
}

/** Leaves to the sentence what belongs to it: the full stop behind an address, the bracket around it. */
function withoutTrailing(address: string): string {
  for (;;) {
    const cut = address.replace(TRAILING, "");
    const isEnclosed = cut.endsWith(")") && count(cut, "(") < count(cut, ")");
    if (!isEnclosed) return cut;
    address = cut.slice(0, -1);
  }
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

/** The address as it is followed, or null for one that is not: another scheme, or made to be misread. */
export function safeHref(address: string): string | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  // "https://bank.example@elsewhere.example" is made to be misread.
  return url.username === "" && url.password === "" ? url.href : null;
}
