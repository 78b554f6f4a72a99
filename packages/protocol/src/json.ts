import { MAX_NESTING } from "./limits.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

export type ParsedJson =
  | { readonly ok: true; readonly value: unknown }
  /** `value` is there where the text is JSON but says what no peer may say (too deep, out of range). */
  | { readonly ok: false; readonly fault: string; readonly value?: unknown };

/**
 * Parses JSON and refuses what would not survive the way: numbers outside the range of IEEE doubles
 * (`1e400`, which would come back as null) and nesting deeper than `maxNesting`. Never throws.
 */
export function parseJson(text: string, maxNesting = MAX_NESTING): ParsedJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, fault: "not valid JSON" };
  }
  const fault = jsonFault(value, maxNesting);
  return fault === null ? { ok: true, value } : { ok: false, fault, value };
}

/** Whether what a text was parsed to has neither a number outside the range of IEEE doubles nor nesting deeper than `levels`. */
export function isInBounds(value: unknown, levels: number): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) return true;
  return levels > 0 && Object.values(value).every((member) => isInBounds(member, levels - 1));
}

/** What is wrong with an already parsed value, with the path of it; null where nothing is. */
export function jsonFault(value: unknown, maxNesting: number): string | null {
  const path: (string | number)[] = [];
  const fault = walk(value, maxNesting, path);
  if (fault === null) return null;
  const what = fault === TOO_DEEP ? `${TOO_DEEP} ${maxNesting}` : fault;
  return `${what} at ${formatPath(path.reverse())}`;
}

const TOO_DEEP = "nesting deeper than";

function walk(value: unknown, levelsLeft: number, path: (string | number)[]): string | null {
  if (typeof value === "number")
    return Number.isFinite(value) ? null : "a number outside the range of IEEE doubles";
  if (typeof value !== "object" || value === null) return null;
  if (levelsLeft === 0) return TOO_DEEP;
  // A body's bytes are one level, as their JSON form is.
  if (value instanceof Uint8Array) return null;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const fault = walk(value[i], levelsLeft - 1, path);
      if (fault !== null) return path.push(i), fault;
    }
    return null;
  }
  for (const key in value) {
    const fault = walk((value as Record<string, unknown>)[key], levelsLeft - 1, path);
    if (fault !== null) return path.push(key), fault;
  }
  return null;
}

/** `body.items[3]`, cut after 12 steps so that an answer stays a sentence. */
function formatPath(path: readonly (string | number)[]): string {
  if (path.length === 0) return "the top";
  let text = "";
  for (const step of path.slice(0, 12)) {
    text +=
      typeof step === "number" ? `[${step}]` : text === "" ? step.slice(0, 64) : `.${step.slice(0, 64)}`;
  }
  return path.length > 12 ? `${text}…` : text;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
