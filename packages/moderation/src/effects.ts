/**
 * What follows from an act that counts: the room is told, messages are erased, one that waited is let through, who
 * reported is told. Each step can be done twice, and is until the journal says `done`: a server that dies in between
 * begins again when it comes back.
 */
import { CodedError, randomId } from "@parlor/base";
import type { RoomLog } from "@parlor/log";
import { bodyFromJson, isJsonObject } from "@parlor/protocol";
import type { Parlor, RoomHandle } from "@parlor/server";
import { type ActRecord, ACTS_ROOM, EVERYWHERE, readRecord, recordKey } from "./act-record.ts";
import { toldOf } from "./entries.ts";
import type { Journal } from "./journal.ts";
import type { Held, Pending } from "./room-policy.ts";
import { eraseKept } from "./snapshot-room.ts";

export interface EffectsParts {
  readonly log: RoomLog;
  readonly parlor: Parlor;
  readonly journal: Journal;
}

/** Messages looked at, and erased, at once. */
const PAGE = 500;
const ERASED_AT_ONCE = 20;

/** Fulfils with the offset of what the room was told; null where it is told nothing. */
export async function tell({ parlor }: EffectsParts, pending: Pending): Promise<number | null> {
  const { room, key } = pending.record;
  const told = room === EVERYWHERE ? null : toldOf(pending);
  if (told === null) return null;
  const { offset } = await parlor.room(room).publish(told.body, { re: told.re, idempotencyKey: key });
  return offset;
}

/** What else there is to do behind that; then it is done. */
export async function carryOut(parts: EffectsParts, pending: Pending): Promise<void> {
  const { room, key, act } = pending.record;
  const handle = parts.parlor.room(room === EVERYWHERE ? "lobby" : room);
  if (act.kind === "remove" || (act.kind === "decide" && act.verdict === "remove")) {
    await eraseMessage(parts, handle, act.offset);
  }
  if (act.kind === "clear" && room !== EVERYWHERE) await eraseAllIn(handle, act.identity);
  const [first] = pending.held;
  if (act.kind === "let-through" && first !== undefined) {
    await letThrough(handle, first, key);
  }
  if (act.kind === "decide") await tellReporters(parts, pending, act.offset, act.verdict);
  // What was let through is in the room, and what was not is kept nowhere.
  for (const { offset } of pending.held) await parts.log.redact(ACTS_ROOM, offset);
  await parts.journal.write({ kind: "done", room, key });
  if (pending.held.length === 0) return;
  // Behind that: a snapshot that is being written now looks by itself once it has read it.
  const ids = new Set(pending.held.map(({ id }) => id));
  await eraseKept(parts.log, (words) => words.kind === "held" && words.room === room && ids.has(words.id));
}

/**
 * In the room, as its author's. A file of it may have gone while it waited, after a day or given up by who brought it:
 * then its words are let through without, since with it they would be refused at each start, and never be seen.
 */
async function letThrough(room: RoomHandle, { from, body, re }: Held, key: string): Promise<void> {
  const more = { as: from, re: re ?? undefined, idempotencyKey: key };
  try {
    await room.publish(body, more);
  } catch (fault) {
    const isOfFiles = fault instanceof CodedError && fault.code === "bad-frame" && isJsonObject(body);
    if (!isOfFiles || !Array.isArray(body["files"])) throw fault;
    const { files: _gone, ...words } = body;
    await room.publish(words, more);
  }
}

/** Body, files, and what its author made of it since. */
export async function eraseMessage(
  { log }: EffectsParts,
  room: RoomHandle,
  offset: number,
): Promise<boolean> {
  const { messages } = await room.read({ after: offset - 1, limit: 1 });
  const [message] = messages;
  if (message === undefined || message.offset !== offset) return false;
  await room.redact(offset);
  await log.redact(room.name, offset, { from: message.from, before: Number.MAX_SAFE_INTEGER });
  return true;
}

/** Everything that an identity wrote in a room up to now; fulfils with how many messages that were. */
export async function eraseAllIn(room: RoomHandle, identity: string): Promise<number> {
  let count = 0;
  for (let before = Infinity; ; ) {
    const { messages, more } = await room.readBefore({ before, limit: PAGE });
    const theirs = messages.filter(({ from, redacted }) => from === identity && redacted !== true);
    for (let i = 0; i < theirs.length; i += ERASED_AT_ONCE) {
      const some = theirs.slice(i, i + ERASED_AT_ONCE);
      await Promise.all(some.map(({ offset }) => room.redact(offset)));
    }
    count += theirs.length;
    const [first] = messages;
    if (first === undefined || !more) return count;
    before = first.offset;
  }
}

/**
 * Erases from the acts, and from what they were summed up to, what people wrote themselves (reports, and messages that
 * wait) of one identity or in one room. Fulfils with how many that were.
 */
export async function eraseWords(
  log: RoomLog,
  of: { readonly by: string } | { readonly room: string },
): Promise<number> {
  const isMeant = (words: { readonly by: string; readonly room: string }): boolean =>
    "by" in of ? words.by === of.by : words.room === of.room;
  let count = await eraseKept(log, isMeant);
  for (let after = 0, more = true; more; ) {
    const page = await log.read(ACTS_ROOM, after, { maxMessages: PAGE, maxBytes: 1_048_576 });
    for (const { offset, bodyJson } of page.messages) {
      after = offset;
      const record = bodyJson === null ? null : readRecord(bodyFromJson(bodyJson));
      if (record === null || (record.kind !== "report" && record.kind !== "hold")) continue;
      if (isMeant(record) && (await log.redact(ACTS_ROOM, offset))) count += 1;
    }
    ({ more } = page);
  }
  return count;
}

/**
 * What a server does when a room is deleted, where none runs: who might do what there, and what waited, is forgotten.
 * Stores nothing in a log in which nobody ever did anything.
 */
export async function forgetRoom(log: RoomLog, room: string): Promise<void> {
  const { head } = await log.head(ACTS_ROOM);
  if (head === 0) return;
  const record = { kind: "gone", room } satisfies ActRecord;
  await log.append({
    room: ACTS_ROOM,
    from: "@server",
    producer: randomId(12),
    seq: 1,
    afterSeq: 0,
    bodyJson: JSON.stringify(record),
    remember: false,
    admit: "any",
  });
  await eraseWords(log, { room });
}

async function tellReporters(
  { parlor }: EffectsParts,
  { record, reporters }: Pending,
  offset: number,
  verdict: "dismiss" | "remove",
): Promise<void> {
  const { room, key } = record;
  for (const reporter of reporters) {
    // Who asked with the operator's key has no room of their own.
    if (reporter.startsWith("@")) continue;
    const idempotencyKey = recordKey(room, reporter, key);
    await parlor
      .identity(reporter)
      .push({ moderation: { room, offset, verdict, id: key } }, { idempotencyKey });
  }
}
