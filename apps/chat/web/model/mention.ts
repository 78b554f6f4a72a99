const LETTER = /[\p{L}\p{N}\p{M}_]/u;

/** Whether a text speaks to somebody: `@` and their name, with no letter or digit right before or behind it. */
export function mentions(text: string, name: string): boolean {
  const wanted = `@${name.toLocaleLowerCase()}`;
  const lower = text.toLocaleLowerCase();
  for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, at + 1)) {
    const before = lower.slice(0, at).at(-1) ?? " ";
    const [behind = " "] = lower.slice(at + wanted.length);
    if (!LETTER.test(before) && !LETTER.test(behind)) return true;
  }
  return false;
}
