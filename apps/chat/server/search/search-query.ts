import type { DatabaseSync } from "node:sqlite";
import { IDS_PER_MS } from "./search-index.ts";
import { excerpt } from "./excerpt.ts";
import { type MatchingMessage, newestMatches } from "./newest-matches.ts";
import { prepared } from "./prepared.ts";
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

/** Finds what is asked for; everything that was found is of one moment. */
export function search(db: DatabaseSync, question: SearchQuestion): SearchAnswer {
  const phrases = soughtPhrases(question.text);
  return atOneMoment(db, () => {
    const rooms = roomsOf(db, question.rooms);
    const found = newestFound(db, [...rooms.keys()], question, phrases);
    const hits = best(found, phrases, question.limit).map(({ room, offset, author, name, at, text }) => ({
      room: rooms.get(room) ?? "",
      offset,
      from: authorOf(db, author),
      name,
      at,
      parts: excerpt(text, phrases),
    }));
    return { hits, more: found.length > question.limit };
  });
}

function best(
  found: readonly MatchingMessage[],
  phrases: readonly SoughtPhrase[],
  limit: number,
): MatchingMessage[] {
  const newestAt = found.reduce((newest, { at }) => Math.max(newest, at), 0);
  return found
    .map((message) => ({ message, score: scoreOf(message, phrases, newestAt) }))
    .sort((a, b) => b.score - a.score || b.message.id - a.message.id)
    .slice(0, limit)
    .map(({ message }) => message);
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
function newestFound(
  db: DatabaseSync,
  rooms: readonly number[],
  question: SearchQuestion,
  phrases: readonly SoughtPhrase[],
): MatchingMessage[] {
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
    const author = prepared(db, "SELECT id FROM authors WHERE identity = ?").get(from)?.["id"];
    if (author === undefined) return null;
    parts.push(`author : "u${Number(author)}"`);
  }
  if (phrases.length > 0) parts.push(`body : (${matchOf(phrases)})`);
  return parts.length === 0 ? null : parts.join(" AND ");
}

/** Those of which there is a message, by number. */
function roomsOf(db: DatabaseSync, names: readonly string[]): ReadonlyMap<number, string> {
  const rows = prepared(db, "SELECT id, name FROM rooms WHERE name IN (SELECT value FROM json_each(?))").all(
    JSON.stringify(names),
  );
  return new Map(rows.map(({ id, name }) => [Number(id), String(name)]));
}

function authorOf(db: DatabaseSync, id: number): string {
  return String(prepared(db, "SELECT identity FROM authors WHERE id = ?").get(id)?.["identity"]);
}

/**
 * How well a message fits: whole words before beginnings, more of a short text before little of a long one, and of
 * those that fit alike the newer one. All words that were looked for are in it, so how rare each is tells nothing.
 */
function scoreOf({ text, at }: MatchingMessage, phrases: readonly SoughtPhrase[], newestAt: number): number {
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
