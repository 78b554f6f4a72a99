import { type ActRecordOf, EVERYWHERE } from "./act-record.ts";
import { MODERATOR_RANK, OPERATOR, OPERATOR_RANK, OWNER_RANK, type Rank, rankOf } from "./rights.ts";
import {
  type ActOf,
  bestLink,
  descendsFrom,
  type Held,
  holds,
  isAlive,
  rankIn,
  type RoomPolicy,
  type Sanction,
  type Verdict,
} from "./room-policy.ts";
import { FOREVER } from "./forever.ts";
import type { Act } from "./shapes.ts";
import { MAX } from "./max.ts";
import { full, no, OK } from "./verdicts.ts";

/** One act at its place: whose it is, what they are there, and until when what it says holds. */
interface Judging {
  readonly policy: RoomPolicy;
  readonly record: ActRecordOf<"act">;
  readonly at: number;
  readonly rank: Rank;
  /** The link by which they may; null for the operator. */
  readonly link: string | null;
}

/** Acts whose consequences somebody has to carry out: the room is told, something is erased or let through. */
const PLAIN: ReadonlySet<Act["kind"]> = new Set(["link", "revoke", "ban-range", "unban-range"]);

/** Whether an act counts at its place; what it changes is then changed. */
export function judgeAct(policy: RoomPolicy, record: ActRecordOf<"act">, at: number): Verdict {
  const { by, act } = record;
  const rank = holds(policy.bans.get(by), at)
    ? 0
    : Math.max(rankIn(policy, by, at), rankOf(record.roles?.by ?? null));
  const lacking = lackOf(act, rank);
  if (lacking !== null) return lacking;
  const link = by === OPERATOR ? null : (bestLink(policy, by, at)?.id ?? null);
  const judging = { policy, record, at, rank, link };
  const held = heldOf(policy, act);
  const reporters =
    act.kind === "decide" ? [...(policy.reports.get(act.offset)?.reporters.keys() ?? [])] : [];
  const verdict = apply(judging, act);
  if (verdict.ok) for (const { id } of held) policy.held.delete(id);
  if (verdict.ok && !PLAIN.has(act.kind)) {
    policy.pending.set(record.key, { record, at, link, until: untilOf(act, at), held, reporters });
  }
  return verdict;
}

/** What waits and won't any more, should the act count. */
function heldOf(policy: RoomPolicy, act: Act): Held[] {
  if (act.kind === "let-through" || act.kind === "drop") {
    const held = policy.held.get(act.held);
    return held === undefined ? [] : [held];
  }
  if (act.kind !== "ban" && act.kind !== "clear") return [];
  return [...policy.held.values()].filter(({ from }) => from === act.identity);
}

export function untilOf(act: Act, at: number): number | null {
  if (!("forMs" in act)) return null;
  return act.forMs === null ? FOREVER : at + act.forMs;
}

/** Why somebody of that rank may not even ask for it; null where they may. */
export function lackOf(act: Act, rank: Rank): (Verdict & { readonly ok: false }) | null {
  return rank < neededRank(act) ? no(neededWords(act, rank)) : null;
}

function neededRank(act: Act): Rank {
  switch (act.kind) {
    case "mode":
      return OWNER_RANK;
    case "ban-range":
    case "unban-range":
      return OPERATOR_RANK;
    case "link":
      return rankOf("poster");
    case "revoke":
      return rankOf("poster");
    default:
      return MODERATOR_RANK;
  }
}

function neededWords({ kind }: Act, rank: Rank): string {
  if (kind === "ban-range" || kind === "unban-range") return "Only this server's operator can do that.";
  if (kind === "mode") return "Only an owner of this room can do that.";
  if (kind === "link" || kind === "revoke") return "Only who holds a link of this room can do that.";
  return rank === 0
    ? "Only moderators of this room can do that; a link from its owner makes you one."
    : "Your link does not allow that; moderators can.";
}

function apply(judging: Judging, act: Act): Verdict {
  const { policy } = judging;
  switch (act.kind) {
    case "pin":
      policy.pins.delete(act.offset);
      if (policy.pins.size >= MAX.pins)
        return full("room-full", `A room has at most ${MAX.pins} pins; unpin one first.`);
      policy.pins.add(act.offset);
      return OK;
    case "unpin":
      return policy.pins.delete(act.offset) ? OK : no("That message is not pinned.");
    case "remove":
      decide(policy, act.offset, "remove");
      policy.pins.delete(act.offset);
      return OK;
    case "decide":
      if (!policy.reports.has(act.offset)) return no("There is no open report of that message.");
      decide(policy, act.offset, act.verdict);
      if (act.verdict === "remove") policy.pins.delete(act.offset);
      return OK;
    case "mode":
      policy.mode = act.mode;
      return OK;
    case "lock":
      policy.isLocked = act.on;
      return OK;
    case "screen":
      policy.screensLinks = act.on;
      return OK;
    case "slow":
      policy.slowMs = act.ms;
      return OK;
    case "mute":
      return sanction(judging, act, policy.mutes);
    case "ban":
      return sanction(judging, act, policy.bans);
    case "unmute":
      return lift(judging, act, policy.mutes);
    case "unban":
      return unban(judging, act);
    case "clear":
      return aboutAnother(judging, act.identity) ?? OK;
    case "link":
      return handOut(judging, act);
    case "revoke":
      return revoke(judging, act);
    case "let-through":
    case "drop":
      return policy.held.has(act.held) ? OK : no("That message does not wait any more.");
    case "ban-range":
      return banRange(judging, act);
    case "unban-range":
      policy.bans.delete(act.range);
      return OK;
  }
}

/** Why somebody may not act on that person; null where they may. Nobody acts on themselves, so no owner is locked out. */
function aboutAnother({ policy, record, at, rank }: Judging, identity: string): Verdict | null {
  if (identity === record.by) return no("You can't do that to yourself; another moderator can.");
  if (identity.startsWith("@")) return no("That is this server itself.");
  const theirs = Math.max(rankIn(policy, identity, at), rankOf(record.roles?.other ?? null));
  if (theirs >= MODERATOR_RANK && theirs >= rank) {
    return no(
      theirs >= OWNER_RANK ? "That person owns this room." : "That person is a moderator as you are.",
    );
  }
  return null;
}

function sanction(judging: Judging, act: ActOf<"mute" | "ban">, sanctions: Map<string, Sanction>): Verdict {
  const { policy, record, at, rank } = judging;
  const refused = aboutAnother(judging, act.identity);
  if (refused !== null) return refused;
  const before = sanctions.get(act.identity);
  if (before !== undefined && holds(before, at) && before.rank > rank) return no(HIGHER);
  sanctions.delete(act.identity);
  if (sanctions.size >= MAX.sanctions) dropOver(sanctions, at);
  if (sanctions.size >= MAX.sanctions)
    return full("room-full", `A room has at most ${MAX.sanctions} of these; lift some first.`);
  const address = act.kind === "ban" ? act.address : false;
  sanctions.set(act.identity, { until: untilOf(act, at) ?? FOREVER, by: record.by, rank, address });
  if (act.kind === "ban") dropMarks(policy, act.identity);
  return OK;
}

const HIGHER = "Somebody with more rights than yours has said that; they can take it back.";

function lift(
  judging: Judging,
  act: ActOf<"unmute" | "unban" | "clear">,
  sanctions: Map<string, Sanction>,
): Verdict {
  const { record, at, rank } = judging;
  const before = sanctions.get(act.identity);
  if (before === undefined || !holds(before, at)) return no("There is nothing to lift.");
  if (act.identity === record.by) return no("You can't do that to yourself; another moderator can.");
  if (before.rank > rank) return no(HIGHER);
  sanctions.delete(act.identity);
  return OK;
}

function unban(judging: Judging, act: ActOf<"unmute" | "unban" | "clear">): Verdict {
  const verdict = lift(judging, act, judging.policy.bans);
  if (verdict.ok) dropMarks(judging.policy, act.identity);
  return verdict;
}

function dropOver(sanctions: Map<string, Sanction>, at: number): void {
  for (const [identity, each] of sanctions) if (!holds(each, at)) sanctions.delete(identity);
}

function dropMarks(policy: RoomPolicy, identity: string): void {
  for (const [mark, { identity: whose }] of policy.marks) if (whose === identity) policy.marks.delete(mark);
}

function decide(policy: RoomPolicy, offset: number, verdict: "dismiss" | "remove"): void {
  policy.reports.delete(offset);
  policy.decided.delete(offset);
  policy.decided.set(offset, verdict);
  if (policy.decided.size > MAX.decided) policy.decided.delete(policy.decided.keys().next().value ?? 0);
}

/** Downwards only: nobody gives what they have, and no link outlives the one that it comes from. */
function handOut({ policy, record, at, rank, link }: Judging, act: ActOf<"link">): Verdict {
  if (policy.room === EVERYWHERE) return no("A link is one room's.");
  if (rankOf(act.right) >= rank) return no("You can hand out links below your own right only.");
  if (policy.links.size >= MAX.links) dropDeadLinks(policy, at);
  if (policy.links.size >= MAX.links)
    return full("room-full", `A room has at most ${MAX.links} links; take some back first.`);
  const parentEnd = link === null ? null : (policy.links.get(link)?.expiresAt ?? null);
  const ownEnd = act.forMs === null ? null : at + act.forMs;
  policy.links.set(record.key, {
    id: record.key,
    right: act.right,
    parent: link,
    by: record.by,
    at,
    expiresAt: parentEnd === null || ownEnd === null ? (parentEnd ?? ownEnd) : Math.min(parentEnd, ownEnd),
    label: act.label,
    revoked: false,
    holders: 0,
  });
  return OK;
}

/** Those that no living link comes from. */
function dropDeadLinks(policy: RoomPolicy, at: number): void {
  for (const id of policy.links.keys()) if (!isAlive(policy, id, at)) policy.links.delete(id);
  for (const [identity, own] of policy.accepted) {
    for (const id of own) if (!policy.links.has(id)) own.delete(id);
    if (own.size === 0) policy.accepted.delete(identity);
  }
}

function revoke({ policy, record, rank }: Judging, act: ActOf<"revoke">): Verdict {
  const link = policy.links.get(act.link);
  if (link === undefined || link.revoked) return no("There is no such link, or it was taken back already.");
  if (rank < OPERATOR_RANK) {
    if (rankOf(link.right) >= rank) return no("You can take back links below your own right only.");
    const own = policy.accepted.get(record.by) ?? new Set<string>();
    if (rank < OWNER_RANK && !descendsFrom(policy, act.link, own)) {
      return no("You can take back links that were handed out from yours only.");
    }
  }
  link.revoked = true;
  return OK;
}

/** In the room of all rooms: a range stands among the bans, by its own spelling. */
function banRange({ policy, record, at, rank }: Judging, act: ActOf<"ban-range">): Verdict {
  if (policy.room !== EVERYWHERE) return no("A range is banned from the whole server, in the room `@*`.");
  if (policy.bans.size >= MAX.sanctions) dropOver(policy.bans, at);
  if (policy.bans.size >= MAX.sanctions)
    return full("room-full", `At most ${MAX.sanctions} are banned; lift some first.`);
  policy.bans.set(act.range, { until: untilOf(act, at) ?? FOREVER, by: record.by, rank, address: true });
  return OK;
}
