/**
 * What moves a terminal's cursor, hides text or turns it round: control characters, the line ends that
 * only some programs know, and the marks of writing direction.
 */
// oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/**
 * What strangers wrote, as one line that a terminal shows and never obeys. JSON stays JSON of the same
 * value, as such characters stand in its strings only, where `\uXXXX` means the same.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
