import { createHash } from "node:crypto";
import { CodedError } from "@parlor/base";
import { DEFAULT_LOG_OPTIONS } from "../log-options.ts";
import type { CopiedRoom, CopySource } from "./copied-room.ts";
import { type CopyRoomsProgress, roomOf } from "./copy-rooms.ts";
import { quoted } from "./copy-words.ts";
import { eachRoom } from "./each-room.ts";
import { lineOf, oneByOne } from "./message-lines.ts";
import { atOnce, type CopyPlan } from "./plan-copy.ts";

/** What was found to be the same on both sides. */
export interface CopyVerdict {
  readonly rooms: number;
  readonly messages: number;
  readonly producers: number;
  /** SHA-256 over all rooms: names, epochs, heads, and a SHA-256 of each room's messages. The same log has the same. */
  readonly sha256: string;
}

/**
 * Holds what is in the target against what is in the source: each room's epoch, head and earliest, each producer's
 * mark, and each message. Rooms that were there before the copy may have gone on since.
 *
 * @param now  ms since 1970, for marks that are so old that they may have been forgotten.
 * @throws {CodedError} `not-the-same`: what differs, and where.
 */
export async function verifyCopy(
  source: CopySource,
  target: CopySource,
  plan: CopyPlan,
  now: number,
  progress: CopyRoomsProgress,
): Promise<CopyVerdict> {
  const lines: string[] = [];
  let [messages, producers] = [0, 0];
  await eachRoom(plan.names, atOnce(source, target), async (name, index) => {
    const room = await roomOf(source, name);
    const copy = await roomOf(target, name);
    compareRooms(room, copy, plan.there.has(name));
    compareProducers(room, copy, now - DEFAULT_LOG_OPTIONS.producerRetentionMs);
    producers += room.producers.length;
    const hash = createHash("sha256");
    for await (const line of sameMessages(source, target, room, copy, plan.there.has(name))) {
      hash.update(line).update("\n");
      messages += 1;
      if (messages % 1_000 === 0) progress(messages, plan.messages);
    }
    const { epoch, head, earliest } = room;
    lines[index] = JSON.stringify([name, epoch, head, earliest, hash.digest("hex")]);
  });
  const sha256 = createHash("sha256").update(lines.join("\n")).digest("hex");
  return { rooms: plan.names.length, messages, producers, sha256 };
}

function compareRooms(room: CopiedRoom, copy: CopiedRoom, mayHaveGoneOn: boolean): void {
  for (const what of ["epoch", "head", "earliest", "lastAt"] as const) {
    if (copy[what] === room[what]) continue;
    const hasGoneOn = what === "lastAt" ? copy.head > room.head : what !== "epoch" && copy[what] > room[what];
    if (mayHaveGoneOn && hasGoneOn) continue;
    throw notTheSame(room.room, `has ${what} ${room[what]} in the source and ${copy[what]} in the copy`);
  }
}

function compareProducers(room: CopiedRoom, copy: CopiedRoom, mayBeForgottenBefore: number): void {
  const marks = new Map(copy.producers.map((each) => [`${each.from}\n${each.producer}`, each]));
  for (const { from, producer, seq, offset, usedAt } of room.producers) {
    const mark = marks.get(`${from}\n${producer}`);
    if (mark === undefined && usedAt < mayBeForgottenBefore) continue;
    if (mark?.seq === seq && mark.offset === offset) continue;
    if (mark !== undefined && mark.seq > seq && copy.head > room.head) continue;
    throw notTheSame(room.room, `does not remember in the copy that producer ${producer} came to ${seq}`);
  }
}

/** The source's messages as text, each once it was found to be the same in the copy. */
async function* sameMessages(
  source: CopySource,
  target: CopySource,
  room: CopiedRoom,
  copy: CopiedRoom,
  mayHaveGoneOn: boolean,
): AsyncGenerator<string> {
  const after = Math.max(room.earliest, copy.earliest) - 1;
  const copies = oneByOne(target.messages(room.room, after));
  for await (const page of source.messages(room.room, after)) {
    for (const message of page) {
      const next = await copies.next();
      const line = lineOf(message);
      const other = next.done === true ? null : next.value;
      const isErasedSince = mayHaveGoneOn && other?.bodyJson === null;
      const expected = isErasedSince ? lineOf({ ...message, bodyJson: null }) : line;
      if (other === null || lineOf(other) !== expected) {
        throw notTheSame(room.room, `has another message ${message.offset} in the copy`);
      }
      yield line;
    }
  }
}

function notTheSame(room: string, what: string): CodedError {
  return new CodedError("not-the-same", `the room ${quoted(room)} ${what}`);
}
