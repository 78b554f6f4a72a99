import { EVERYWHERE } from "./act-record.ts";
import { refusalBy } from "./allowed.ts";
import type { ModerationState } from "./fold.ts";
import { signLink } from "./link-token.ts";
import { allowsOf, MODERATOR_RANK, type Rank, rankOf, rightOfRank } from "./rights.ts";
import {
  holds,
  isAlive,
  isOwned,
  type Link,
  newPolicy,
  rankIn,
  type RoomPolicy,
  type Sanction,
} from "./room-policy.ts";
import type { LinkShown, PersonShown, Standing } from "./shapes.ts";

export interface StandingOf {
  readonly state: ModerationState;
  readonly room: string;
  readonly identity: string;
  readonly rank: Rank;
  readonly canClaim: boolean;
  readonly now: number;
}

/** What a room is, and what somebody may do there. */
export function standingOf({ state, room, identity, rank, canClaim, now }: StandingOf): Standing {
  const policy = state.rooms.get(room) ?? newPolicy(room);
  const everywhere = state.rooms.get(EVERYWHERE);
  const asker = { identity, rank, isAddressBanned: false };
  const may = (action: "subscribe" | "publish"): true | string =>
    refusalBy(policy, everywhere, asker, action, now)?.message ?? true;
  const isModerator = rank >= MODERATOR_RANK;
  return {
    room,
    right: rightOfRank(rank),
    isOwned: isOwned(policy),
    canClaim,
    mode: policy.mode,
    isLocked: policy.isLocked,
    slowMs: policy.slowMs,
    screensLinks: policy.screensLinks,
    pins: [...policy.pins],
    mayRead: may("subscribe"),
    mayPublish: may("publish"),
    mutedUntil: untilOf(policy.mutes.get(identity), now) ?? untilOf(everywhere?.mutes.get(identity), now),
    bannedUntil: untilOf(policy.bans.get(identity), now) ?? untilOf(everywhere?.bans.get(identity), now),
    openReports: isModerator ? policy.reports.size : 0,
    held: isModerator ? policy.held.size : 0,
    version: state.version,
  };
}

export function untilOf(sanction: Sanction | undefined, now: number): number | null {
  return sanction !== undefined && holds(sanction, now) ? sanction.until : null;
}

export function linkShown(policy: RoomPolicy, link: Link, secret: Buffer, now: number): LinkShown {
  const { id, right, parent, by, at, expiresAt, label, holders } = link;
  return {
    id,
    right,
    token: signLink({ room: policy.room, id, right, expiresAt }, secret),
    parent,
    by,
    at,
    expiresAt,
    label,
    revoked: !isAlive(policy, id, now) && (expiresAt === null || expiresAt > now),
    holders,
    allows: allowsOf(right),
  };
}

/** Everybody of whom the room's acts say something. */
export function peopleOf(policy: RoomPolicy, now: number): PersonShown[] {
  const identities = new Set([...policy.accepted.keys(), ...policy.mutes.keys(), ...policy.bans.keys()]);
  const people: PersonShown[] = [];
  for (const identity of identities) {
    const person = {
      identity,
      right: rightOfRank(rankIn(policy, identity, now)),
      mutedUntil: untilOf(policy.mutes.get(identity), now),
      bannedUntil: untilOf(policy.bans.get(identity), now),
    };
    if (person.right !== null || person.mutedUntil !== null || person.bannedUntil !== null)
      people.push(person);
  }
  return people.sort((a, b) => rankOf(b.right) - rankOf(a.right));
}
