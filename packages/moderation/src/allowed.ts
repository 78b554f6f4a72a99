import type { Action, Refusal } from "@parlor/server";
import { FOREVER } from "./forever.ts";
import { MODERATOR_RANK, type Rank, rankOf } from "./rights.ts";
import { holds, type RoomPolicy, type Sanction } from "./room-policy.ts";
import { timeWords } from "./time-words.ts";

/** Who asks, as the room has them. */
export interface Asker {
  readonly identity: string;
  readonly rank: Rank;
  /** Whether the place that they come from is banned, in the room or everywhere. */
  readonly isAddressBanned: boolean;
}

const READS: readonly Action[] = ["subscribe", "history", "presence"];

/**
 * Why somebody may not do that in a room, by what its acts say; null where they may. How fast they may is not said
 * here. `everywhere` are the acts for all rooms.
 */
export function refusalBy(
  policy: RoomPolicy | undefined,
  everywhere: RoomPolicy | undefined,
  { identity, rank, isAddressBanned }: Asker,
  action: Action,
  now: number,
): Refusal | null {
  const ban = inForce(everywhere?.bans, identity, now);
  if (ban !== null) return forbidden(`You are banned from this server${until(ban)}.`);
  const roomBan = inForce(policy?.bans, identity, now);
  if (roomBan !== null) return forbidden(`You are banned from this room${until(roomBan)}.`);
  if (isAddressBanned && rank < rankOf("poster")) {
    return forbidden(
      "Somebody was banned together with the network that you come from; a link from a moderator lets you in.",
    );
  }
  if (policy === undefined && everywhere === undefined) return null;
  if (READS.includes(action)) {
    return policy?.mode === "link-only" && rank < rankOf("reader") ? forbidden(NEEDS_LINK) : null;
  }
  const mute = inForce(everywhere?.mutes, identity, now) ?? inForce(policy?.mutes, identity, now);
  if (mute !== null) return forbidden(`A moderator has muted you${until(mute)}; you can still read.`);
  if (policy === undefined) return null;
  if (policy.isLocked && rank < MODERATOR_RANK) {
    return forbidden("The room is locked: only moderators write.");
  }
  if (policy.mode !== "open" && rank < rankOf("poster")) {
    return forbidden(policy.mode === "link-only" && rank === 0 ? NEEDS_LINK : NEEDS_POSTER);
  }
  return null;
}

const NEEDS_LINK = "This room is open to those only who have a link.";
const NEEDS_POSTER = "This room is read-only here; a link from a moderator lets you write.";

function inForce(
  sanctions: Map<string, Sanction> | undefined,
  identity: string,
  now: number,
): Sanction | null {
  const sanction = sanctions?.get(identity);
  return sanction !== undefined && holds(sanction, now) ? sanction : null;
}

function until({ until: end }: Sanction): string {
  return end >= FOREVER ? "" : ` until ${timeWords(end)}`;
}

function forbidden(message: string): Refusal {
  return { code: "forbidden", message };
}
