/**
 * Where snapshots of the acts stand: a side room of its own, a snapshot in it as a run of records one behind the other,
 * the last of which ends it. Only an uninterrupted run is a snapshot: of two processes that write one at the same time
 * neither does harm, and who is killed in the middle has written nothing.
 */
import { CodedError, randomId } from "@parlor/base";
import { type RoomLog, sideRoom, type StoredMessage } from "@parlor/log";
import { bodyFromJson } from "@parlor/protocol";
import type { KeptWords, Snapshot } from "./snapshot.ts";

export const SNAPSHOT_ROOM = sideRoom("moderation", "folded");

/** Text of one record, in characters: below what any log takes, also where each is escaped. */
const PIECE_CHARACTERS = 65_536;
const APPENDED_AT_ONCE = 16;
const PAGE = { maxMessages: 500, maxBytes: 1_048_576 };

interface Piece {
  readonly snapshot: string;
  /** From 0; the record stands so far behind the first of its run. */
  readonly index: number;
  readonly of: number;
  readonly upTo: number;
  readonly text?: string;
  readonly words?: KeptWords;
}

export interface StoredSnapshot extends Snapshot {
  /** Where its run begins. */
  readonly first: number;
}

/** Fulfils when all of it is durable. */
export async function writeSnapshot(log: RoomLog, { upTo, text, words }: Snapshot): Promise<void> {
  const contents: Pick<Piece, "text" | "words">[] = [];
  for (let at = 0; at < text.length; at += PIECE_CHARACTERS)
    contents.push({ text: text.slice(at, at + PIECE_CHARACTERS) });
  contents.push(...words.map((each) => ({ words: each })), {});
  const snapshot = randomId(12);
  const of = contents.length;
  for (let from = 0; from < of; from += APPENDED_AT_ONCE) {
    const some = contents.slice(from, from + APPENDED_AT_ONCE);
    // Calls of one turn are taken in their order.
    await Promise.all(
      some.map((content, i) => append(log, { snapshot, index: from + i, of, upTo, ...content })),
    );
  }
}

/** The whole one that goes farthest; null for none. What of its words was erased is not in it. */
export async function newestSnapshot(log: RoomLog): Promise<StoredSnapshot | null> {
  let newest: StoredSnapshot | null = null;
  let run: { readonly first: number; readonly id: string; text: string; words: KeptWords[] } | null = null;
  for await (const { offset, piece } of piecesIn(log)) {
    if (piece.index === 0) run = { first: offset, id: piece.snapshot, text: "", words: [] };
    if (run?.id !== piece.snapshot) continue;
    if (offset !== run.first + piece.index) {
      run = null;
      continue;
    }
    run.text += piece.text ?? "";
    if (piece.words !== undefined) run.words.push(piece.words);
    const isWhole = piece.index === piece.of - 1;
    // Whatever came between its records would have pushed its end behind its place.
    if (isWhole && (newest === null || piece.upTo >= newest.upTo)) newest = { ...run, upTo: piece.upTo };
  }
  return newest;
}

/** Erases what is meant of the words that snapshots hold, whole or not; fulfils with how many those were. */
export async function eraseKept(
  log: RoomLog,
  isMeant: (words: KeptWords, upTo: number) => boolean,
): Promise<number> {
  let count = 0;
  for await (const { offset, piece } of piecesIn(log)) {
    if (piece.words === undefined || !isMeant(piece.words, piece.upTo)) continue;
    if (await log.redact(SNAPSHOT_ROOM, offset)) count += 1;
  }
  return count;
}

async function* piecesIn(log: RoomLog): AsyncGenerator<{ readonly offset: number; readonly piece: Piece }> {
  for (let after = 0, more = true; more; ) {
    const page = await log.read(SNAPSHOT_ROOM, after, PAGE);
    for (const message of page.messages) {
      after = message.offset;
      const piece = pieceOf(message);
      if (piece !== null) yield { offset: message.offset, piece };
    }
    ({ more } = page);
  }
}

/** Null for words that were erased. */
function pieceOf({ bodyJson }: StoredMessage): Piece | null {
  return bodyJson === null ? null : (bodyFromJson(bodyJson) as unknown as Piece);
}

async function append(log: RoomLog, piece: Piece): Promise<void> {
  const { kind } = await log.append({
    room: SNAPSHOT_ROOM,
    from: "@server",
    producer: piece.snapshot,
    seq: piece.index + 1,
    afterSeq: 0,
    bodyJson: JSON.stringify(piece),
    remember: false,
    admit: "any",
  });
  if (kind !== "appended") throw new CodedError("internal", `The log answered ${kind} to a snapshot.`);
}
