import type { ActRecordOf } from "./act-record.ts";
import { OPERATOR, OPERATOR_RANK, type Rank, rankOf } from "./rights.ts";
import { MAX } from "./max.ts";
import type { Act, Mode, Reason, Right } from "./shapes.ts";

/** A link that was handed out. It lives as long as all those that it came from. */
export interface Link {
  readonly id: string;
  readonly right: Right;
  readonly parent: string | null;
  readonly by: string;
  readonly at: number;
  readonly expiresAt: number | null;
  readonly label: string;
  revoked: boolean;
  holders: number;
}

/** Something that somebody may not, until a time. */
export interface Sanction {
  readonly until: number;
  readonly by: string;
  /** Of who said it: nobody below lifts it. */
  readonly rank: Rank;
  /** Also where they come from. */
  readonly address: boolean | "wide";
}

export interface Report {
  readonly offset: number;
  readonly from: string;
  readonly firstAt: number;
  count: number;
  readonly reasons: Partial<Record<Reason, number>>;
  /** What the first of them wrote to it, by who did. */
  readonly words: Map<string, string>;
  /** With the reason of each. */
  readonly reporters: Map<string, Reason>;
}

export interface Held {
  readonly id: string;
  readonly from: string;
  readonly at: number;
  readonly body: unknown;
  readonly re: number | null;
  /** Where it stands among the acts: erased there once it does not wait any more. */
  readonly offset: number;
}

export type Verdict =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly code: "forbidden" | "rate-limited";
      readonly message: string;
      /** Where there was no place for it. */
      readonly full?: Full;
    };

/** What of a room is full: what moderators keep there, its open reports, or what waits for them. */
export type Full = "room-full" | "reports-full" | "held-full";

/** An act whose consequences may not have been carried out yet. */
export interface Pending {
  readonly record: ActRecordOf<"act">;
  readonly at: number;
  /** The link by which its author might do it. */
  readonly link: string | null;
  readonly until: number | null;
  /** Messages that waited, and do not any more: one that is let through, or those that are not to be kept. */
  readonly held: readonly Held[];
  /** Whom a decision is told. */
  readonly reporters: readonly string[];
}

/** All that the acts say of one room. Changed by the fold alone (fold.ts). */
export interface RoomPolicy {
  readonly room: string;
  mode: Mode;
  isLocked: boolean;
  slowMs: number;
  screensLinks: boolean;
  readonly pins: Set<number>;
  readonly links: Map<string, Link>;
  /** By identity, the links that it accepted. */
  readonly accepted: Map<string, Set<string>>;
  readonly mutes: Map<string, Sanction>;
  readonly bans: Map<string, Sanction>;
  /** Keyed hashes of address groups, with whose they are and until when. */
  readonly marks: Map<string, { readonly identity: string; readonly until: number }>;
  readonly reports: Map<number, Report>;
  readonly decided: Map<number, "dismiss" | "remove">;
  readonly held: Map<string, Held>;
  /** What was judged lately, by its key: the same again is answered the same and done once. */
  readonly judged: Map<string, Verdict>;
  readonly pending: Map<string, Pending>;
}

export function newPolicy(room: string): RoomPolicy {
  return {
    room,
    mode: "open",
    isLocked: false,
    slowMs: 0,
    screensLinks: false,
    pins: new Set(),
    links: new Map(),
    accepted: new Map(),
    mutes: new Map(),
    bans: new Map(),
    marks: new Map(),
    reports: new Map(),
    decided: new Map(),
    held: new Map(),
    judged: new Map(),
    pending: new Map(),
  };
}

/** Whether a link and all that it came from still hold. */
export function isAlive(policy: RoomPolicy, id: string, now: number): boolean {
  // A parent stands in the log before its child, so this ends.
  for (let next: string | null = id; next !== null; ) {
    const link: Link | undefined = policy.links.get(next);
    if (link === undefined || link.revoked) return false;
    if (link.expiresAt !== null && link.expiresAt <= now) return false;
    next = link.parent;
  }
  return true;
}

/** The best of what somebody holds; null for nothing. Somebody who is banned holds nothing. */
export function bestLink(policy: RoomPolicy, identity: string, now: number): Link | null {
  const accepted = policy.accepted.get(identity);
  if (accepted === undefined || holds(policy.bans.get(identity), now)) return null;
  let best: Link | null = null;
  for (const id of accepted) {
    const link = policy.links.get(id);
    if (link === undefined || !isAlive(policy, id, now)) continue;
    if (best === null || rankOf(link.right) > rankOf(best.right) || outlasts(link, best)) best = link;
  }
  return best;
}

function outlasts(link: Link, best: Link): boolean {
  return link.right === best.right && (link.expiresAt ?? Infinity) > (best.expiresAt ?? Infinity);
}

export function rankIn(policy: RoomPolicy, identity: string, now: number): Rank {
  return identity === OPERATOR ? OPERATOR_RANK : rankOf(bestLink(policy, identity, now)?.right ?? null);
}

export function holds(sanction: Pick<Sanction, "until"> | undefined, now: number): boolean {
  return sanction !== undefined && sanction.until > now;
}

/** Why no more of theirs may wait for a moderator; null where it may. */
export function heldFault(policy: RoomPolicy, identity: string): string | null {
  let own = 0;
  for (const { from } of policy.held.values()) if (from === identity) own += 1;
  if (own < MAX.heldOfIdentity && policy.held.size < MAX.held) return null;
  return "Messages with links from newcomers wait for a moderator, and too many wait already; this one does not.";
}

/** Whether a link is one of those, or was handed out from one of them. */
export function descendsFrom(policy: RoomPolicy, id: string, ancestors: ReadonlySet<string>): boolean {
  for (let next: string | null = id; next !== null; next = policy.links.get(next)?.parent ?? null) {
    if (ancestors.has(next)) return true;
  }
  return false;
}

export function isOwned(policy: RoomPolicy): boolean {
  for (const link of policy.links.values()) if (link.right === "owner" && !link.revoked) return true;
  return false;
}

export type ActOf<Kind extends Act["kind"]> = Extract<Act, { readonly kind: Kind }>;
