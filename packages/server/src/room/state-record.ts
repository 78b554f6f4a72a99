import { isJsonObject, isOffset } from "@parlor/protocol";

/**
 * What stands in the side room that holds a room's state. Its offsets are the versions of the state.
 *
 *     set    one key's new value; null removes the key
 *     keep   entries as they stood at `upTo`, each with the version at which it was set. Written before what
 *            lies up to `upTo` is trimmed, so the log stays about as long as the state is large. A key that
 *            was set or removed since stands higher, and is not touched by it.
 */
export type StateRecord =
  | { readonly kind: "set"; readonly key: string; readonly valueJson: string | null }
  | { readonly kind: "keep"; readonly upTo: number; readonly entries: readonly KeptEntry[] };

export interface KeptEntry {
  readonly key: string;
  readonly version: number;
  readonly valueJson: string;
}

export function encodeSet(key: string, valueJson: string): string {
  return `{"key":${JSON.stringify(key)},"value":${valueJson}}`;
}

export function encodeKeep(upTo: number, entries: readonly KeptEntry[]): string {
  const texts = entries.map(
    ({ key, version, valueJson }) => `[${JSON.stringify(key)},${version},${valueJson}]`,
  );
  return `{"upTo":${upTo},"keep":[${texts.join(",")}]}`;
}

/** null where it is none: of a later version of this server, and not for this one. */
export function decodeRecord(bodyJson: string | null): StateRecord | null {
  if (bodyJson === null) return null;
  const value: unknown = JSON.parse(bodyJson);
  if (!isJsonObject(value)) return null;
  const { key, upTo, keep } = value;
  if (typeof key === "string" && Object.hasOwn(value, "value")) {
    return { kind: "set", key, valueJson: textOf(value["value"]) };
  }
  if (!isOffset(upTo) || !Array.isArray(keep)) return null;
  const entries: KeptEntry[] = [];
  for (const item of keep as unknown[]) {
    if (!Array.isArray(item)) return null;
    const [name, version, kept] = item as unknown[];
    const valueJson = textOf(kept);
    if (typeof name !== "string" || !isOffset(version) || valueJson === null) return null;
    entries.push({ key: name, version, valueJson });
  }
  return { kind: "keep", upTo, entries };
}

function textOf(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}
