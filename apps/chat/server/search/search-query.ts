import type { DatabaseSync } from "node:sqlite";
import { IDS_PER_MS } from "./search-index.ts";
import { excerpt } from "./excerpt.ts";
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

const CANDIDATE_COLUMNS = `m.id, r.name AS room, m."offset", a.identity AS author, m.name, m.at, m.text`;

/** Finds what is asked for; everything that was found is of one moment. */
export function search(db: DatabaseSync, question: SearchQuestion): SearchAnswer {
  const phrases = soughtPhrases(question.text);
  const match = fullMatch(db, question, phrases);
  if (match === null) return { hits: [], more: false };
  const [from, to] = [question.since ?? 0, question.until ?? Number.MAX_SAFE_INTEGER / IDS_PER_MS];
  const rows = db
    .prepare(
      `SELECT ${CANDIDATE_COLUMNS} FROM (
         SELECT rowid AS id FROM words WHERE words MATCH ? AND rowid >= ? AND rowid < ? ORDER BY rowid DESC LIMIT ?
       ) AS w JOIN messages AS m ON m.id = w.id JOIN rooms AS r ON r.id = m.room JOIN authors AS a ON a.id = m.author`,
    )
    .all(
      match,
      Math.trunc(from * IDS_PER_MS),
      Math.trunc(to * IDS_PER_MS),
      CANDIDATES,
    ) as unknown as Candidate[];
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

/** Null where nothing can match. */
function fullMatch(
  db: DatabaseSync,
  question: SearchQuestion,
  phrases: readonly SoughtPhrase[],
): string | null {
  const rooms = idsOf(
    db,
    "SELECT id FROM rooms WHERE name IN (SELECT value FROM json_each(?))",
    question.rooms,
  );
  if (rooms.length === 0) return null;
  const parts = [`room : (${rooms.map((id) => `"r${id}"`).join(" OR ")})`];
  if (question.from !== null) {
    const [author] = idsOf(db, "SELECT id FROM authors WHERE identity IN (SELECT value FROM json_each(?))", [
      question.from,
    ]);
    if (author === undefined) return null;
    parts.push(`author : "u${author}"`);
  }
  if (phrases.length > 0) parts.push(`body : (${matchOf(phrases)})`);
  else if (question.from === null) return null;
  return parts.join(" AND ");
}

function idsOf(db: DatabaseSync, sql: string, names: readonly string[]): number[] {
  return db
    .prepare(sql)
    .all(JSON.stringify(names))
    .map(({ id }) => Number(id));
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
