import { CodedError } from "@parlor/base";
import type { CopiedRoom, RoomLack, StoredMessage } from "@parlor/log";
import { type CopiedDraft, copiedDrafts } from "./copied-drafts.ts";
import { resumeAt } from "./copy-resume.ts";
import type { OpenRoom } from "./open-room.ts";
import { redactEach } from "./redaction.ts";

/** So many are read as fast as a snapshot is. */
const FEW_RECORDS = 16;
/** Offsets that one record erases. */
const ERASED_AT_ONCE = 10_000;

/** What a room gets of a copy, and by whom. */
export interface CopiedPartOfRoom {
  /** The source's id. */
  readonly source: string;
  readonly maxPayloadBytes: number;
  readonly now: () => number;
  /** All of the room's behind an offset. */
  readonly messages: (after: number) => AsyncIterable<readonly StoredMessage[]>;
  readonly written: (count: number) => void;
}

/** Makes a room that holds nothing, from where a copy broke off that was the same up to there. */
export async function writeRoom(open: OpenRoom, room: CopiedRoom, part: CopiedPartOfRoom): Promise<void> {
  const isUntouched = open.fold.lastSeq === 0;
  const resumed = await resumeAt(open, room, part.source, part.messages);
  const after = resumed ?? room.earliest - 1;
  part.written(after - room.earliest + 1);
  const kind = resumed === null ? "first" : "rest";
  const drafts = copiedDrafts({ ...part, room, after, kind, messages: part.messages(after) });
  await proposeEach(open, drafts, part.written, (draft) => {
    const { index, copying } = open.fold;
    return index.head === 0 && (draft.copy.isFirst === true || copying?.head === draft.base);
  });
  // With a snapshot nobody need read the room from its first record, and what a copy before left over goes.
  const isShort = open.fold.index.recordCount <= FEW_RECORDS;
  if (!(isUntouched && isShort)) await open.forgetRecords();
}

/** Gives a room of an earlier copy what it lacks; called again, it goes on from the messages that are in. */
export async function addToRoom(
  open: OpenRoom,
  room: CopiedRoom,
  lack: RoomLack,
  part: CopiedPartOfRoom,
): Promise<void> {
  for (let i = 0; i < lack.erased.length; i += ERASED_AT_ONCE)
    await redactEach(open, lack.erased.slice(i, i + ERASED_AT_ONCE), part.now());
  await open.trim(room.earliest);
  const after = Math.max(lack.after, open.fold.index.head);
  if (after < room.head) part.written(after - lack.after);
  const drafts = copiedDrafts({
    ...{ ...part, room, after, kind: "more", producers: lack.producers },
    messages: after < room.head ? part.messages(after) : none(),
  });
  await proposeEach(open, drafts, part.written, (draft) => {
    const { index, epoch } = open.fold;
    return epoch === room.epoch && index.head === draft.base;
  });
  if (open.fold.index.recordCount > FEW_RECORDS) await open.forgetRecords();
}

/** Tells of what was written, but not again where it is tried again: each call is another try. */
export function toldOnce(written: (count: number) => void): () => (count: number) => void {
  let told = 0;
  return () => {
    let done = 0;
    return (count) => {
      done += count;
      if (done > told) written(done - told);
      told = Math.max(told, done);
    };
  };
}

async function proposeEach(
  open: OpenRoom,
  drafts: AsyncIterable<CopiedDraft>,
  written: (count: number) => void,
  fits: (draft: CopiedDraft) => boolean,
): Promise<void> {
  for await (const draft of drafts) {
    const isIn = await open.proposer.change(() => {
      const canBe = fits(draft);
      return { draft: canBe ? draft : null, result: canBe };
    });
    if (!isIn) {
      throw new CodedError(
        "other-history",
        `the room ${JSON.stringify(open.name)} was written to by others while it was copied; stop them, and say it again`,
      );
    }
    written(draft.messages.length);
  }
}

async function* none(): AsyncGenerator<readonly StoredMessage[]> {
  // A room that has all.
}
