import type { DatabaseSync } from "node:sqlite";
import { prepared } from "./prepared.ts";

/** Ids from the first to before the last: those of a span of time. */
export interface IdSpan {
  readonly from: number;
  readonly to: number;
}

/** A message that matches, as it lies in the index: rooms and authors by number. */
export interface MatchingMessage {
  readonly id: number;
  readonly room: number;
  readonly offset: number;
  readonly author: number;
  readonly name: string | null;
  readonly at: number;
  readonly text: string;
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
 *
 * A message is looked up once: what each search reads of the disk is what it costs, since whatever is written
 * meanwhile empties SQLite's cache.
 */
export function newestMatches(
  db: DatabaseSync,
  rooms: readonly number[],
  match: string,
  span: IdSpan,
  max: number,
  maxLookedAt = MAX_LOOKED_AT,
): MatchingMessage[] {
  const found: MatchingMessage[] = [];
  const left = { ...span };
  if (rooms.length > FEW_ROOMS) {
    const mine = new Set(rooms);
    let lookedAt = 0;
    for (const message of matches(db, match, left, maxLookedAt)) {
      if (mine.has(message.room)) found.push(message);
      if (found.length === max) return found;
      left.to = message.id;
      lookedAt += 1;
    }
    if (lookedAt < maxLookedAt) return found;
  }
  const inRooms = `room : (${rooms.map((id) => `"r${id}"`).join(" OR ")}) AND ${match}`;
  return [...found, ...matches(db, inRooms, left, max - found.length)];
}

/** One after another, so that no more are looked up than are wanted. */
function matches(db: DatabaseSync, match: string, span: IdSpan, limit: number): Iterable<MatchingMessage> {
  return prepared(
    db,
    `SELECT m.id, m.room, m."offset", m.author, m.name, m.at, m.text
     FROM words CROSS JOIN messages AS m ON m.id = words.rowid
     WHERE words MATCH ? AND words.rowid >= ? AND words.rowid < ? ORDER BY words.rowid DESC LIMIT ?`,
  ).iterate(match, ...bounds(span), limit) as unknown as Iterable<MatchingMessage>;
}

/** As integers of SQLite: FTS5 passes over a bound that is a float, and would walk all that is newer. */
function bounds({ from, to }: IdSpan): [bigint, bigint] {
  return [BigInt(from), BigInt(to)];
}
