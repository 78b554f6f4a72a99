import { CodedError } from "@parlor/base";
import type { CopiedRoom, CopySource, CopyTarget } from "./copied-room.ts";
import { eachRoom } from "./each-room.ts";

/** What is to be done, and what was found there already. */
export interface CopyPlan {
  /** Names of all rooms of the source. */
  readonly names: readonly string[];
  /** Of those, the ones that an earlier copy has made. */
  readonly there: ReadonlySet<string>;
  /** Messages of all rooms. */
  readonly messages: number;
}

/** How far it is, in messages of all rooms. */
export type CopyRoomsProgress = (done: number, total: number) => void;

/**
 * Looks at both logs, and changes nothing.
 *
 * @throws {CodedError} `copying`: the copy of another source into this target has not ended; `other-history`: a room
 *   is there already and is another one, or less than what an earlier copy would have to add to.
 */
export async function planCopy(
  source: CopySource,
  target: CopyTarget,
  progress: (rooms: number) => void = () => undefined,
): Promise<CopyPlan> {
  const mark = await target.mark();
  if (mark !== null && mark.source !== source.id) {
    throw new CodedError(
      "copying",
      `a copy from ${mark.words} into ${target.words} broke off; finish that one first, by the same command as before`,
    );
  }
  const inTarget = new Set<string>();
  for await (const name of target.names()) inTarget.add(name);
  const found: string[] = [];
  const there = new Set<string>();
  let [messages, looked] = [0, 0];
  await eachRoom(source.names(), atOnce(source, target), async (name, index) => {
    const room = await source.room(name);
    progress((looked += 1));
    if (room === null) return;
    found[index] = name;
    messages += sizeOf(room);
    if (inTarget.has(name) && isThere(room, await target.room(name), target.words)) there.add(name);
  });
  // Those of which nothing is known leave holes.
  return { names: found.filter((name) => name !== undefined), there, messages };
}

/** How many rooms to look at at once. */
export function atOnce(source: CopySource, target: CopySource): number {
  return Math.max(source.roomsAtOnce, target.roomsAtOnce);
}

/** Copies what the plan says is not there. Where it breaks off, it can be called again with a new plan. */
export async function copyRooms(
  source: CopySource,
  target: CopyTarget,
  plan: CopyPlan,
  progress: CopyRoomsProgress,
): Promise<void> {
  await target.begin({ source: source.id, words: source.words });
  let done = 0;
  await eachRoom(plan.there, source.roomsAtOnce, async (name) => {
    done += sizeOf(await roomOf(source, name));
  });
  const left = plan.names.filter((name) => !plan.there.has(name));
  await eachRoom(left, target.roomsAtOnce, async (name) => {
    const room = await roomOf(source, name);
    await target.write(
      room,
      (after) => source.messages(name, after),
      (count) => progress((done += count), plan.messages),
    );
  });
}

export async function roomOf(source: CopySource, name: string): Promise<CopiedRoom> {
  const room = await source.room(name);
  if (room !== null) return room;
  throw new CodedError("changed", `the room ${quoted(name)} has gone from ${source.words} meanwhile`);
}

export function quoted(room: string): string {
  return JSON.stringify(room);
}

function sizeOf({ head, earliest }: CopiedRoom): number {
  return head + 1 - earliest;
}

/** Whether the room was copied before. */
function isThere(room: CopiedRoom, found: CopiedRoom | null, where: string): boolean {
  if (found === null) return false;
  if (found.epoch === room.epoch && found.head >= room.head) return true;
  const isDeletedSince = found.epoch.startsWith(`${room.epoch}.`);
  if (found.head === 0 && !isDeletedSince) return false;
  const what = isDeletedSince
    ? "was copied before and has been deleted since; copy into another log"
    : found.epoch === room.epoch
      ? `was copied before, up to message ${found.head}, and the source has gone on since; copy into a log without it`
      : "is there already and holds another history; copy into a log without it";
  throw new CodedError("other-history", `the room ${quoted(room.room)} of ${where} ${what}`);
}
