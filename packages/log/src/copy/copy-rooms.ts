import { CodedError } from "@parlor/base";
import type { CopiedRoom, CopySource, CopyTarget } from "./copied-room.ts";
import { quoted } from "./copy-words.ts";
import { eachRoom } from "./each-room.ts";
import type { CopyPlan } from "./plan-copy.ts";

/** How far it is, in messages of all rooms. */
export type CopyRoomsProgress = (done: number, total: number) => void;

/** Copies what the plan says is not there. Where it breaks off, it can be called again with a new plan. */
export async function copyRooms(
  source: CopySource,
  target: CopyTarget,
  plan: CopyPlan,
  progress: CopyRoomsProgress,
): Promise<void> {
  await target.begin({ source: source.id, words: source.words });
  let done = plan.messagesThere;
  const written = (count: number): void => progress((done += count), plan.messages);
  const left = plan.names.filter((name) => !plan.there.has(name) || plan.lacking.has(name));
  await eachRoom(left, target.roomsAtOnce, async (name) => {
    const room = await roomOf(source, name);
    const messages = (after: number) => source.messages(name, after);
    const lack = plan.lacking.get(name);
    if (lack !== undefined) return await target.add(room, lack, messages, written);
    if (plan.outdated.has(name)) await target.remove(name);
    await target.write(room, messages, written);
  });
}

export async function roomOf(source: CopySource, name: string): Promise<CopiedRoom> {
  const room = await source.room(name);
  if (room !== null) return room;
  throw new CodedError("changed", `the room ${quoted(name)} has gone from ${source.words} meanwhile`);
}
