/** The fields of a form, by name. */
export type FormFields = ReadonlyMap<string, string>;

/** No form of ours has more; whoever sends more does not fill one in. */
const MAX_FIELDS = 32;

/**
 * Reads `application/x-www-form-urlencoded`, strictly: what is not percent-encoded UTF-8 is refused, never
 * repaired, since a repaired text would be another one than was written. Of two fields of one name the
 * first counts. A string says what is wrong.
 */
export function parseForm(text: string): FormFields | string {
  const fields = new Map<string, string>();
  const pairs = text.split("&", MAX_FIELDS + 1);
  if (pairs.length > MAX_FIELDS) return `A form has at most ${MAX_FIELDS} fields.`;
  for (const pair of pairs) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = decode(equals === -1 ? pair : pair.slice(0, equals));
    const value = decode(equals === -1 ? "" : pair.slice(equals + 1));
    if (name === null || value === null) return "The form's text is not percent-encoded UTF-8.";
    if (!fields.has(name)) fields.set(name, value);
  }
  return fields;
}

function decode(part: string): string | null {
  try {
    return decodeURIComponent(part.replaceAll("+", " "));
  } catch {
    // The only thing that it throws for: it is not UTF-8.
    return null;
  }
}
