/**
 * The object that a text is; an empty one where it is none. Never throws.
 *
 * Enough for what the transports look at. Whether a frame is one is judged where it is used, and what is
 * loaded on demand brings what it needs: a module that it shared with the start would be one more file
 * for every page (means.ts).
 */
export function readJsonObject(text: string): Readonly<Record<string, unknown>> {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return {};
  }
}

/** The value where it is an object, else an empty one. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
