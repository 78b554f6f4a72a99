import { isJsonObject } from "./json.ts";

/** Members that are bodies: what bytes may be, and stand in. No frame has one of these names for anything else. */
const BODIES = ["body", "value", "params", "result"];
/** Lists of what has a `body`. */
const LISTS = ["messages", "related", "signals"];

/**
 * Puts what `change` makes of it in the place of each body of a frame, of the client's or the server's. The
 * frame itself is changed. Whatever is no frame, or not of the expected form, is left as it is.
 */
export function changeBodies(frame: unknown, change: (body: unknown) => unknown): void {
  if (!isJsonObject(frame)) return;
  const { entries } = frame;
  changeMembers(frame, BODIES, change);
  if (isJsonObject(entries)) changeMembers(entries, Object.keys(entries), change);
  for (const name of LISTS) {
    const items = frame[name];
    if (Array.isArray(items)) for (const item of items) changeBodies(item, change);
  }
}

function changeMembers(
  object: Record<string, unknown>,
  names: readonly string[],
  change: (body: unknown) => unknown,
): void {
  for (const name of names) if (Object.hasOwn(object, name)) object[name] = change(object[name]);
}
