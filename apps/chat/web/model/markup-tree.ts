/** A message's text with its markup read: what it is made of, before it becomes elements. */
export type Block =
  | { readonly kind: "paragraph"; readonly children: readonly Inline[] }
  | { readonly kind: "quote"; readonly children: readonly Block[] }
  /** `start` is the first number; null where the items have none. */
  | { readonly kind: "list"; readonly start: number | null; readonly items: readonly (readonly Block[])[] }
  | { readonly kind: "code"; readonly text: string; readonly language: string };

export type Inline =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "strong" | "em" | "del"; readonly children: readonly Inline[] }
  | { readonly kind: "link"; readonly href: string; readonly children: readonly Inline[] };

/** A longer text stays as it was written: reading markup costs some 10 ms for so much of the worst kind. */
export const MAX_MARKED_CHARACTERS = 8_000;

const MARKS = /[*_`~\\<[]|^[ \t]*(?:>|[-+]\s|\d{1,9}[.)]\s)/m;

/** Whether there may be markup in it, so that the parser need not be asked of most texts, nor loaded for them. */
export function mayHaveMarkup(text: string): boolean {
  return text.length <= MAX_MARKED_CHARACTERS && MARKS.test(text);
}
