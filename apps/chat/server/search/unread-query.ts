import type { DatabaseSync } from "node:sqlite";
import { mentionPieces } from "../../web/model/mentions.ts";
import { prepared } from "./prepared.ts";

/** Up to where somebody has read a room. */
export interface ReadUpTo {
  readonly room: string;
  readonly epoch: string;
  readonly offset: number;
}

export interface UnreadQuestion {
  /** Rooms that whoever asks may read. */
  readonly rooms: readonly ReadUpTo[];
  /** Whose own messages are not unread. */
  readonly identity: string;
  /** What they are called; null for one who chose no name, and to whom so nobody speaks. */
  readonly name: string | null;
}

/** What is unread of a room, up to where its reader is. */
export interface RoomUnread {
  readonly room: string;
  /** Of the history that the reader has; where one has read another, all of this is unread. */
  readonly epoch: string;
  readonly upTo: number;
  /** Offsets of the newest, ascending; at most 100. */
  readonly unread: readonly number[];
  /** Of those, the ones that name whoever asks. */
  readonly mentions: readonly number[];
}

/** One more than is counted, which says that there are more. */
const MAX_TOLD = 100;

/** Counted from what each message says now: what was deleted is not unread. A room that was not read yet is left out. */
export function unreadIn(db: DatabaseSync, question: UnreadQuestion): RoomUnread[] {
  return question.rooms.flatMap((read) => unreadOf(db, read, question) ?? []);
}

function unreadOf(
  db: DatabaseSync,
  { room, epoch: readEpoch, offset }: ReadUpTo,
  { identity, name }: UnreadQuestion,
): RoomUnread | null {
  const position = prepared(db, `SELECT epoch, "offset" FROM parlor_positions WHERE room = ?`).get(room);
  if (position === undefined) return null;
  const [epoch, upTo] = [String(position["epoch"]), Number(position["offset"])];
  const rows = prepared(
    db,
    `SELECT "offset", text FROM (
       SELECT * FROM (SELECT m."offset", m.text FROM messages AS m JOIN authors AS a ON a.id = m.author
         WHERE m.room = (SELECT id FROM rooms WHERE name = ?1) AND m."offset" > ?2 AND a.identity <> ?3
         ORDER BY m."offset" DESC LIMIT ?4)
       UNION ALL
       SELECT * FROM (SELECT "offset", '' FROM wordless
         WHERE room = (SELECT id FROM rooms WHERE name = ?1) AND "offset" > ?2 AND identity <> ?3
         ORDER BY "offset" DESC LIMIT ?4)
     ) ORDER BY "offset" DESC LIMIT ?4`,
  ).all(room, epoch === readEpoch ? offset : 0, identity, MAX_TOLD);
  const found = rows.reverse().map((row) => ({ offset: Number(row["offset"]), text: String(row["text"]) }));
  const mentions = found.filter(({ text }) =>
    mentionPieces(text, name).some(({ mention }) => mention === "me"),
  );
  const offsets = (of: typeof found): number[] => of.map((each) => each.offset);
  return { room, epoch, upTo, unread: offsets(found), mentions: offsets(mentions) };
}
