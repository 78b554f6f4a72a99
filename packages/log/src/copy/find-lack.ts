import type { StoredMessage } from "../room-log.ts";
import type { CopiedProducer, CopiedRoom, CopySource, RoomLack } from "./copied-room.ts";
import { otherHistory, quoted } from "./copy-words.ts";
import { lineOf, oneByOne } from "./message-lines.ts";

/**
 * What a room of an earlier copy lacks; null where that is nothing, `outdated` where the source has forgotten what lies
 * between the two. What was erased in the copy meanwhile, or forgotten, is no lack: it stays so.
 *
 * @throws {CodedError} `other-history`: as far as both go they are not the same, or nothing says that they are.
 */
export async function findLack(
  source: CopySource,
  target: CopySource,
  room: CopiedRoom,
  copy: CopiedRoom,
  compared: (count: number) => void,
): Promise<RoomLack | "outdated" | null> {
  requireTraceable(room, copy, target.words);
  if (room.earliest > copy.head + 1) return "outdated";
  const erased = await compareMessages(source, target, room, copy, compared);
  const producers = newerMarks(room.producers, copy.producers);
  const isLess = room.head > copy.head || room.earliest > copy.earliest;
  if (!isLess && erased.length === 0 && producers.length === 0) return null;
  return { after: copy.head, erased, producers };
}

/** Where they have no message in common it must be known by other means that one goes on from the other. */
function requireTraceable(room: CopiedRoom, copy: CopiedRoom, where: string): void {
  const both = Math.min(room.head, copy.head);
  if (both === 0 || Math.max(room.earliest, copy.earliest) <= both) return;
  const isAsFar = room.head === copy.head && room.lastAt === copy.lastAt;
  if (isAsFar || (copy.copiedHead ?? -1) >= both) return;
  throw otherHistory(
    `the room ${quoted(room.room)} of ${where} has no message in common with the source any more, so nothing says that it goes on from there; copy into a log without it`,
  );
}

/** Offsets of what is erased in the source alone. */
async function compareMessages(
  source: CopySource,
  target: CopySource,
  room: CopiedRoom,
  copy: CopiedRoom,
  compared: (count: number) => void,
): Promise<readonly number[]> {
  const after = Math.max(room.earliest, copy.earliest) - 1;
  const both = Math.min(room.head, copy.head);
  const erased: number[] = [];
  if (after >= both) return erased;
  await using copies = oneByOne(target.messages(room.room, after));
  for await (const page of source.messages(room.room, after)) {
    for (const message of page) {
      if (message.offset > both) return erased;
      const next = await copies.next();
      const other = next.done === true ? null : next.value;
      if (other === null || !isSame(message, other))
        throw otherHistory(
          `the room ${quoted(room.room)} of ${target.words} has another message ${message.offset} than the source, since both were written to; copy into a log without it`,
        );
      if (message.bodyJson === null && other.bodyJson !== null) erased.push(message.offset);
    }
    compared(page.length);
  }
  return erased;
}

function isSame(message: StoredMessage, other: StoredMessage): boolean {
  const isErased = message.bodyJson === null || other.bodyJson === null;
  if (!isErased) return lineOf(message) === lineOf(other);
  return lineOf({ ...message, bodyJson: null }) === lineOf({ ...other, bodyJson: null });
}

function newerMarks(
  marks: readonly CopiedProducer[],
  known: readonly CopiedProducer[],
): readonly CopiedProducer[] {
  const keyOf = ({ from, producer }: CopiedProducer): string => `${from}\n${producer}`;
  const byKey = new Map(known.map((each) => [keyOf(each), each]));
  return marks.filter((mark) => {
    const before = byKey.get(keyOf(mark));
    if (before === undefined || mark.seq > before.seq) return true;
    return mark.seq === before.seq && mark.usedAt > before.usedAt;
  });
}
