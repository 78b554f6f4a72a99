import { isJsonObject, type JsonObject } from "@parlor/protocol";

/**
 * Frames in which the same ids stand many times, with each id once: the frame has a table `ids`, each message is
 * `[offset, from, producer, seq, at, body]` and each signal `[from, body]`, where `from` and `producer` are places
 * in the table. What else a message has follows in an object. Every other frame is the same in every encoding.
 *
 * Rules: docs/protocol.md, BINARY-.
 */
interface Columns {
  readonly names: readonly string[];
  pack(item: JsonObject, place: (id: unknown) => number): unknown[];
  unpack(row: readonly unknown[], id: (place: unknown) => unknown): Record<string, unknown>;
}

// Written out, since this is done for every message that is sent and heard.
const MESSAGE: Columns = {
  names: ["offset", "from", "producer", "seq", "at", "body"],
  pack: ({ offset, from, producer, seq, at, body }, place) => [
    offset,
    place(from),
    place(producer),
    seq,
    at,
    body,
  ],
  unpack: ([offset, from, producer, seq, at, body], id) => ({
    offset,
    from: id(from),
    producer: id(producer),
    seq,
    at,
    body,
  }),
};
const SIGNAL: Columns = {
  names: ["from", "body"],
  pack: ({ from, body }, place) => [place(from), body],
  unpack: ([from, body], id) => ({ from: id(from), body }),
};

type Lists = readonly (readonly [name: string, columns: Columns])[];

// A Map, so that a type such as "constructor" finds nothing.
const LISTS: ReadonlyMap<unknown, Lists> = new Map<string, Lists>([
  ["messages", [["messages", MESSAGE]]],
  [
    "history",
    [
      ["messages", MESSAGE],
      ["related", MESSAGE],
    ],
  ],
  ["signals", [["signals", SIGNAL]]],
]);

/** The frame as it is packed; the frame itself where its type has no lists. */
export function packFrame(frame: JsonObject): JsonObject {
  const lists = LISTS.get(frame["type"]);
  if (lists === undefined) return frame;
  const ids = new Map<unknown, number>();
  const place = (id: unknown): number => {
    const known = ids.get(id);
    if (known !== undefined) return known;
    ids.set(id, ids.size);
    return ids.size - 1;
  };
  const packed: Record<string, unknown> = { ...frame };
  for (const [name, columns] of lists) {
    const items = frame[name];
    if (Array.isArray(items)) packed[name] = items.map((item: JsonObject) => packItem(item, columns, place));
  }
  packed["ids"] = [...ids.keys()];
  return packed;
}

/** The frame that a packed one stands for. What is not packed as it should be is left for others to refuse. */
export function unpackFrame(packed: JsonObject): JsonObject {
  const lists = LISTS.get(packed["type"]);
  const ids: unknown = packed["ids"];
  if (lists === undefined || !Array.isArray(ids)) return packed;
  const id = (place: unknown): unknown => (typeof place === "number" ? ids[place] : undefined);
  const { ids: _ids, ...frame } = packed as Record<string, unknown>;
  for (const [name, columns] of lists) {
    const rows = frame[name];
    if (Array.isArray(rows)) frame[name] = rows.map((row: unknown) => unpackRow(row, columns, id));
  }
  return frame;
}

function packItem(item: JsonObject, columns: Columns, place: (id: unknown) => number): readonly unknown[] {
  const row = columns.pack(item, place);
  const { names } = columns;
  const others = Object.keys(item).filter((name) => !names.includes(name));
  if (others.length > 0) row.push(Object.fromEntries(others.map((name) => [name, item[name]])));
  return row;
}

function unpackRow(row: unknown, columns: Columns, id: (place: unknown) => unknown): unknown {
  if (!Array.isArray(row) || row.length < columns.names.length) return row;
  const item = columns.unpack(row, id);
  const others: unknown = row[columns.names.length];
  return isJsonObject(others) ? { ...others, ...item } : item;
}
