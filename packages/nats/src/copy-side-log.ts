import type { RoomLog } from "@parlor/log";
import type { OpenRoom } from "./open-room.ts";

/** As much of a log as a ledger in it needs. */
export type CopySideLog = Pick<RoomLog, "append" | "read" | "tail" | "trim">;

/**
 * A log that is being copied, for who keeps something in it beside the rooms. Nobody else writes to it meanwhile, so there
 * is nothing to be told of. What could not be done for now is tried again: an append may be there twice.
 */
export function sideLogOf(
  use: <T>(room: string, work: (open: OpenRoom) => Promise<T>) => Promise<T>,
): CopySideLog {
  return {
    append: (append) => use(append.room, (open) => open.proposer.append(append)),
    read: (room, after, bounds) =>
      use(room, async (open) => {
        const { messages, more } = await open.reader.read(() => open.fold, after, bounds);
        const { epoch, index } = open.fold;
        return { epoch, head: index.head, earliest: index.earliest, messages, more };
      }),
    tail: async () => ({ close: () => undefined }),
    trim: (room, before) => use(room, (open) => open.trim(before)),
  };
}
