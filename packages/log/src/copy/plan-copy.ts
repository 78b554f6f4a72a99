import { CodedError } from "@parlor/base";
import { generationsApart } from "../epoch.ts";
import type { CopiedRoom, CopySource, CopyTarget, RoomLack } from "./copied-room.ts";
import { eachRoom } from "./each-room.ts";
import { findLack } from "./find-lack.ts";
import { otherHistory, quoted } from "./copy-words.ts";

/** What is to be done, and what was found there already. */
export interface CopyPlan {
  /** Names of all rooms of the source. */
  readonly names: readonly string[];
  /** Of those, the ones that an earlier copy has made, and that are what they were. */
  readonly there: ReadonlySet<string>;
  /** Of those that are there, the ones that lack something. */
  readonly lacking: ReadonlyMap<string, RoomLack>;
  /** Of the others, the ones that an earlier copy made of what the source has no longer: deleted, or trimmed past it. */
  readonly outdated: ReadonlySet<string>;
  /** Messages of all rooms. */
  readonly messages: number;
  /** Of those, the ones that are there. */
  readonly messagesThere: number;
}

/** @param compared  Messages of rooms that are there already. */
export type PlanProgress = (rooms: number, compared: number) => void;

/**
 * Looks at both logs, and changes nothing. Rooms of an earlier copy are held against the source, message by message.
 *
 * @param leaves  Rooms of the source that are not copied.
 * @throws {CodedError} `copying`: the copy of another source into this target has not ended; `other-history`: a room
 *   is there already and is another one, or was written to since an earlier copy made it.
 */
export async function planCopy(
  source: CopySource,
  target: CopyTarget,
  progress: PlanProgress = () => undefined,
  leaves: ReadonlySet<string> = new Set(),
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
  const lacking = new Map<string, RoomLack>();
  const outdated = new Set<string>();
  let [messages, messagesThere, looked, compared] = [0, 0, 0, 0];
  await eachRoom(source.names(), atOnce(source, target), async (name, index) => {
    const room = await source.room(name);
    progress((looked += 1), compared);
    if (room === null || leaves.has(name)) return;
    found[index] = name;
    messages += sizeOf(room);
    const copy = inTarget.has(name) ? await target.room(name) : null;
    const state = copy === null ? "missing" : stateOf(room, copy, mark !== null, target.words);
    if (copy === null || state === "missing") return;
    const lack =
      state === "outdated"
        ? state
        : await findLack(source, target, room, copy, (count) => progress(looked, (compared += count)));
    if (lack === "outdated") {
      outdated.add(name);
      return;
    }
    there.add(name);
    messagesThere += sizeOf(room) - Math.max(0, room.head - copy.head);
    if (lack !== null) lacking.set(name, lack);
  });
  // Those of which nothing is known leave holes.
  const names = found.filter((name) => name !== undefined);
  return { names, there, lacking, outdated, messages, messagesThere };
}

/** How many rooms to look at at once. */
export function atOnce(source: CopySource, target: CopySource): number {
  return Math.max(source.roomsAtOnce, target.roomsAtOnce);
}

function sizeOf({ head, earliest }: CopiedRoom): number {
  return head + 1 - earliest;
}

/** @param isUnderWay  A copy of the source has begun and not ended, so what is empty was emptied by that. */
function stateOf(
  room: CopiedRoom,
  copy: CopiedRoom,
  isUnderWay: boolean,
  where: string,
): "missing" | "outdated" | "there" {
  const apart = generationsApart(copy.epoch, room.epoch);
  if (apart === 0) return copy.head === 0 && room.head > 0 ? "missing" : "there";
  const isDeletedThere = apart !== null && apart < 0;
  if (copy.head === 0 && (isUnderWay || !isDeletedThere)) return "missing";
  // What the source has deleted can't be compared any more: the copy must be as it was left.
  if (apart !== null && apart > 0 && copy.copiedHead === copy.head) return "outdated";
  const what = isDeletedThere
    ? "was copied before and has been deleted since; copy into another log"
    : apart === null
      ? "is there already and holds another history; copy into a log without it"
      : "has been deleted in the source since it was copied, and nothing says that it was not written to since; delete it there, too, and say it again";
  throw otherHistory(`the room ${quoted(room.room)} of ${where} ${what}`);
}
