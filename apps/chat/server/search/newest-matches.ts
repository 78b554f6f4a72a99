import type { DatabaseSync } from "node:sqlite";

/** Ids from the first to before the last: those of a span of time. */
export interface IdSpan {
  readonly from: number;
  readonly to: number;
}

/** So many rooms go into the question to FTS5; each of them is one more list that it compares with every match. */
const FEW_ROOMS = 8;
/** Matches of all rooms that are looked at for those of the rooms that were asked for. */
const MAX_LOOKED_AT = 5_000;

/**
 * The newest messages of some rooms that match, the newest first.
 *
 * Whoever asks in many rooms asks in most of what there is: their matches are among the newest of all rooms, and
 * looking a match's room up costs less than comparing it with the list of each room. Where the first few thousand
 * are mostly of other rooms, FTS5 compares after all, from there on.
 */
export function newestMatches(
  db: DatabaseSync,
  rooms: readonly number[],
  match: string,
  span: IdSpan,
  max: number,
  maxLookedAt = MAX_LOOKED_AT,
): number[] {
  const found: number[] = [];
  const left = { ...span };
  if (rooms.length > FEW_ROOMS) {
    const mine = new Set(rooms);
    let lookedAt = 0;
    for (const { id, room } of matchesOfAllRooms(db, match, span)) {
      if (mine.has(room)) found.push(id);
      if (found.length === max) return found;
      left.to = id;
      lookedAt += 1;
      if (lookedAt === maxLookedAt) break;
    }
    if (lookedAt < maxLookedAt) return found;
  }
  const inRooms = `room : (${rooms.map((id) => `"r${id}"`).join(" OR ")}) AND ${match}`;
  const rows = db
    .prepare(
      "SELECT rowid AS id FROM words WHERE words MATCH ? AND rowid >= ? AND rowid < ? ORDER BY rowid DESC LIMIT ?",
    )
    .all(inRooms, ...bounds(left), max - found.length);
  return [...found, ...rows.map(({ id }) => Number(id))];
}

/** One after another, so that no more are looked up than are wanted. */
function matchesOfAllRooms(
  db: DatabaseSync,
  match: string,
  span: IdSpan,
): Iterable<{ readonly id: number; readonly room: number }> {
  return db
    .prepare(
      `SELECT words.rowid AS id, m.room FROM words CROSS JOIN messages AS m ON m.id = words.rowid
       WHERE words MATCH ? AND words.rowid >= ? AND words.rowid < ? ORDER BY words.rowid DESC`,
    )
    .iterate(match, ...bounds(span)) as unknown as Iterable<{ id: number; room: number }>;
}

/** As integers of SQLite: FTS5 passes over a bound that is a float, and would walk all that is newer. */
function bounds({ from, to }: IdSpan): [bigint, bigint] {
  return [BigInt(from), BigInt(to)];
}
