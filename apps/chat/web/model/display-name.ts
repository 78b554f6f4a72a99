/** Characters of a name; the rest is cut. */
export const MAX_NAME_CHARACTERS = 40;

/** Shown where somebody gave no name. */
export const GUEST = "Guest";

/**
 * A name that is safe to set beside others, or null where there is none.
 *
 * Names come from strangers. Control characters, bidi overrides and invisible characters are dropped,
 * since with them one name can be made to look like another or to turn the line around it. Stacks of
 * combining marks are cut to two for each character.
 */
export function displayName(name: unknown, maxCharacters = MAX_NAME_CHARACTERS): string | null {
  if (typeof name !== "string") return null;
  // Cut first, so that a name of a megabyte costs no more than a short one.
  const kept = name
    .slice(0, 8 * maxCharacters)
    .toWellFormed()
    .normalize("NFC")
    .replace(UNSEEN, "")
    .replace(MARK_FLOOD, "$1")
    .replace(/\s+/gu, " ")
    .trim();
  const short = [...kept].slice(0, maxCharacters).join("").trim();
  return short === "" ? null : short;
}

// Control, format (bidi marks, zero width) and unassigned or private characters. The zero-width joiner
// is a format character too, but emoji and some scripts need it between two visible characters.
const UNSEEN = /(?!\u200d)[\p{Cc}\p{Cf}\p{Co}\p{Cn}]|^\u200d+|\u200d+$|\u200d(?=\u200d)/gu;
const MARK_FLOOD = /(\p{M}{2})\p{M}+/gu;
