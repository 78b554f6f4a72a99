import { isJsonObject, type JsonObject } from "@parlor/protocol";

/**
 * Frames in which the same ids stand many times, with each id once: the frame has a table `ids`, each message is
 * `[offset, from, producer, seq, at, body]` and each signal `[from, body]`, where `from` and `producer` are places
 * in the table. What else a message has follows in an object. Every other frame is the same in every encoding.
 *
 * Rules: docs/protocol.md, BINARY-.
 */
const LISTS: Readonly<Record<string, readonly string[]>> = {
  messages: ["messages"],
  history: ["messages", "related"],
  signals: ["signals"],
};
const MESSAGE = ["offset", "from", "producer", "seq", "at", "body"];
const SIGNAL = ["from", "body"];
const IDS: ReadonlySet<string> = new Set(["from", "producer"]);

/** The frame as it is packed; the frame itself where its type has no lists. */
export function packFrame(frame: JsonObject): JsonObject {
  const lists = listsOf(frame);
  if (lists === undefined) return frame;
  const ids = new Map<string, number>();
  const packed: Record<string, unknown> = { ...frame, ids: [] };
  for (const list of lists) {
    const items: unknown = frame[list];
    if (Array.isArray(items))
      packed[list] = items.map((item: JsonObject) => packItem(item, columnsOf(list), ids));
  }
  packed["ids"] = [...ids.keys()];
  return packed;
}

/** The frame that a packed one stands for. What is not packed as it should be is left for others to refuse. */
export function unpackFrame(packed: JsonObject): JsonObject {
  const lists = listsOf(packed);
  const ids: unknown = packed["ids"];
  if (lists === undefined || !Array.isArray(ids)) return packed;
  const { ids: _ids, ...frame } = packed;
  for (const list of lists) {
    const items = frame[list];
    if (Array.isArray(items))
      (frame as Record<string, unknown>)[list] = items.map((item: unknown) =>
        unpackItem(item, columnsOf(list), ids),
      );
  }
  return frame;
}

function listsOf({ type }: JsonObject): readonly string[] | undefined {
  return typeof type === "string" && Object.hasOwn(LISTS, type) ? LISTS[type] : undefined;
}

function columnsOf(list: string): readonly string[] {
  return list === "signals" ? SIGNAL : MESSAGE;
}

function packItem(
  item: JsonObject,
  columns: readonly string[],
  ids: Map<string, number>,
): readonly unknown[] {
  const row: unknown[] = [];
  for (const column of columns) {
    const value = item[column];
    if (!IDS.has(column)) {
      row.push(value);
      continue;
    }
    let place = ids.get(value as string);
    if (place === undefined) ids.set(value as string, (place = ids.size));
    row.push(place);
  }
  let rest: Record<string, unknown> | null = null;
  for (const name of Object.keys(item)) {
    if (!columns.includes(name) && item[name] !== undefined) (rest ??= {})[name] = item[name];
  }
  if (rest !== null) row.push(rest);
  return row;
}

function unpackItem(row: unknown, columns: readonly string[], ids: readonly unknown[]): unknown {
  if (!Array.isArray(row) || row.length < columns.length) return row;
  const rest: unknown = row[columns.length];
  const item: Record<string, unknown> = isJsonObject(rest) ? { ...rest } : {};
  columns.forEach((column, index) => {
    const value: unknown = row[index];
    item[column] = IDS.has(column) ? ids[Number.isInteger(value) ? (value as number) : -1] : value;
  });
  return item;
}
