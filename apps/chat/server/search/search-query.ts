import type { DatabaseSync } from "node:sqlite";
import { IDS_PER_MS } from "./search-index.ts";
import { excerpt } from "./excerpt.ts";
import { newestMatches } from "./newest-matches.ts";
import { matchOf, type SoughtPhrase, soughtPhrases } from "./search-words.ts";
import { tokensOf } from "./tokens.ts";

export interface SearchQuestion {
  readonly text: string;
  /** Rooms that whoever asks may read. */
  readonly rooms: readonly string[];
  /** Identity of the author; null for anybody's. */
  readonly from: string | null;
  /** Written at that time or later, and before that time, ms since 1970. */
  readonly since: number | null;
  readonly until: number | null;
  readonly limit: number;
}

export interface SearchHit {
  readonly room: string;
  readonly offset: number;
  readonly from: string;
  readonly name: string | null;
  readonly at: number;
  /** Of its text, in turn what was not and what was looked for; begins with what was not. */
  readonly parts: readonly string[];
}

export interface SearchAnswer {
  readonly hits: readonly SearchHit[];
  /** There may be more, further back. */
  readonly more: boolean;
}

/** The newest that match, from which the best are chosen: what a search costs does not grow with the log. */
const CANDIDATES = 200;
/** Characters of a text that say how well it fits: two hundred of the longest would take seconds. */
const WEIGHED_CHARACTERS = 4_096;
/** A message of so many days ago counts half as much as one of now. */
const HALF_LIFE_DAYS = 60;
const DAY_MS = 86_400_000;

interface Candidate {
  readonly id: number;
  readonly room: string;
  readonly offset: number;
  readonly author: string;
  readonly name: string | null;
  readonly at: number;
  readonly text: string;
}

/** Finds what is asked for; everything that was found is of one moment. */
export function search(db: DatabaseSync, question: SearchQuestion): SearchAnswer {
  const phrases = soughtPhrases(question.text);
  const rows = atOneMoment(db, () => candidatesOf(db, newestIds(db, question, phrases)));
  const newestAt = rows.reduce((newest, { at }) => Math.max(newest, at), 0);
  const ranked = rows
    .map((row) => ({ row, score: scoreOf(row, phrases, newestAt) }))
    .sort((a, b) => b.score - a.score || b.row.id - a.row.id)
    .slice(0, question.limit);
  return {
    hits: ranked.map(({ row: { room, offset, author, name, at, text } }) => ({
      room,
      offset,
      from: author,
      name,
      at,
      parts: excerpt(text, phrases),
    })),
    more: rows.length > question.limit,
  };
}

/** Whoever writes meanwhile, in another process, is not seen. */
function atOneMoment<Value>(db: DatabaseSync, read: () => Value): Value {
  db.exec("BEGIN");
  try {
    return read();
  } finally {
    if (db.isTransaction) db.exec("COMMIT");
  }
}

/** The newest that match, `CANDIDATES` at most. */
function newestIds(db: DatabaseSync, question: SearchQuestion, phrases: readonly SoughtPhrase[]): number[] {
  const rooms = roomIds(db, question.rooms);
  const match = matchInAnyRoom(db, question, phrases);
  if (rooms.length === 0 || match === null) return [];
  const span = {
    from: Math.trunc((question.since ?? 0) * IDS_PER_MS),
    to: Math.trunc((question.until ?? Number.MAX_SAFE_INTEGER / IDS_PER_MS) * IDS_PER_MS),
  };
  return newestMatches(db, rooms, match, span, CANDIDATES);
}

/** Without the rooms. Null where nothing can match. */
function matchInAnyRoom(
  db: DatabaseSync,
  { from }: SearchQuestion,
  phrases: readonly SoughtPhrase[],
): string | null {
  const parts: string[] = [];
  if (from !== null) {
    const author = db.prepare("SELECT id FROM authors WHERE identity = ?").get(from)?.["id"];
    if (author === undefined) return null;
    parts.push(`author : "u${Number(author)}"`);
  }
  if (phrases.length > 0) parts.push(`body : (${matchOf(phrases)})`);
  return parts.length === 0 ? null : parts.join(" AND ");
}

function roomIds(db: DatabaseSync, names: readonly string[]): number[] {
  return db
    .prepare("SELECT id FROM rooms WHERE name IN (SELECT value FROM json_each(?))")
    .all(JSON.stringify(names))
    .map(({ id }) => Number(id));
}

function candidatesOf(db: DatabaseSync, ids: readonly number[]): Candidate[] {
  return db
    .prepare(
      `SELECT m.id, r.name AS room, m."offset", a.identity AS author, m.name, m.at, m.text
       FROM json_each(?) AS w CROSS JOIN messages AS m ON m.id = w.value
       JOIN rooms AS r ON r.id = m.room JOIN authors AS a ON a.id = m.author`,
    )
    .all(JSON.stringify(ids)) as unknown as Candidate[];
}

/**
 * How well a message fits: whole words before beginnings, more of a short text before little of a long one, and of
 * those that fit alike the newer one. All words that were looked for are in it, so how rare each is tells nothing.
 */
function scoreOf({ text, at }: Candidate, phrases: readonly SoughtPhrase[], newestAt: number): number {
  const words = tokensOf(text.slice(0, WEIGHED_CHARACTERS)).map(({ word }) => word);
  let fit = 0;
  for (const { words: sought, isPrefix } of phrases) {
    const last = sought.at(-1);
    const whole = words.filter((word) => word === last).length;
    const begun = isPrefix
      ? words.filter((word) => last !== undefined && word.startsWith(last)).length - whole
      : 0;
    const times = whole + begun / 2;
    fit += times / (times + 0.5 + words.length / 20);
  }
  const ageDays = (newestAt - at) / DAY_MS;
  return (phrases.length === 0 ? 1 : fit / phrases.length) * (HALF_LIFE_DAYS / (HALF_LIFE_DAYS + ageDays));
}
