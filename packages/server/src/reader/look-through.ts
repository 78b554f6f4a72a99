import type { RoomLog, RoomSummary } from "@parlor/log";
import type { Projection, RoomPosition } from "./projection.ts";

/** Rooms that are asked for at one time. */
const PAGE = 500;

export interface RoomPair {
  readonly room: string;
  /** Null where the log holds nothing of the room. */
  readonly kept: RoomSummary | null;
  /** Null where nothing of the room was read. */
  readonly read: RoomPosition | null;
}

/**
 * All rooms that the log holds and all that were read, side by side: both lists come in one order, so that
 * however many there are, a page of each is in memory.
 */
export async function* lookThrough(log: RoomLog, projection: Projection): AsyncGenerator<RoomPair> {
  const kept = paged((afterName) => log.rooms(afterName, PAGE));
  const read = paged((afterName) => projection.positions(afterName, PAGE));
  let [a, b] = [await kept.next(), await read.next()];
  while (a !== null || b !== null) {
    const order = a === null ? 1 : b === null ? -1 : byName(a.room, b.room);
    const [summary, position] = [order <= 0 ? a : null, order >= 0 ? b : null];
    yield { room: (summary ?? position)?.room ?? "", kept: summary, read: position };
    if (order <= 0) a = await kept.next();
    if (order >= 0) b = await read.next();
  }
}

/** One after another of a list that is asked for a page at a time; null behind the last. */
function paged<Row extends { readonly room: string }>(
  ask: (afterName: string) => Promise<readonly Row[]>,
): { next(): Promise<Row | null> } {
  let page: readonly Row[] = [];
  let index = 0;
  let isLast = false;
  return {
    async next() {
      if (index === page.length && !isLast) {
        page = await ask(page.at(-1)?.room ?? "");
        index = 0;
        isLast = page.length < PAGE;
      }
      const row = page[index] ?? null;
      if (row !== null) index += 1;
      return row;
    },
  };
}

/** As SQLite and the log sort names: by their UTF-8. */
function byName(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
