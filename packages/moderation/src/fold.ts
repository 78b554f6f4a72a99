/**
 * From acts to what holds: one function over the records in the order of the log, the same in every process.
 *
 * The log's order decides, not who was asked first: an act counts if its author might do it at its place. So of two
 * moderators at once, a link revoked beside its last use, two who claim one room, there is one outcome everywhere.
 * Time is the record's own `at`.
 */
import { type ActRecord, type ActRecordOf, EVERYWHERE } from "./act-record.ts";
import { forgetWords } from "./forget-words.ts";
import { judgeAct } from "./judge-act.ts";
import { OPERATOR } from "./rights.ts";
import {
  bestLink,
  heldFault,
  holds,
  isAlive,
  isOwned,
  newPolicy,
  type Report,
  type RoomPolicy,
  type Verdict,
} from "./room-policy.ts";
import { MAX } from "./max.ts";
import { full, no, OK } from "./verdicts.ts";

/** What all records up to a place say. */
export interface ModerationState {
  /** Of the first record that names one. */
  secret: string | null;
  /** Rooms in which something was ever done; `*` for all rooms. */
  readonly rooms: Map<string, RoomPolicy>;
  /** How many have accepted links, in all rooms. */
  accepted: number;
  /** The offset of the newest record. */
  version: number;
}

export function newState(): ModerationState {
  return { secret: null, rooms: new Map(), accepted: 0, version: 0 };
}

/** A record with its place and time. */
export interface PlacedRecord {
  readonly offset: number;
  readonly at: number;
  readonly record: ActRecord;
}

/** Takes one more record; answers whether it counts. A record at a place that was taken already says nothing. */
export function foldRecord(state: ModerationState, { offset, at, record }: PlacedRecord): Verdict {
  if (offset <= state.version) return OK;
  state.version = offset;
  switch (record.kind) {
    case "secret":
      state.secret ??= record.secret;
      return OK;
    case "gone":
      state.rooms.delete(record.room);
      return OK;
    case "done":
      state.rooms.get(record.room)?.pending.delete(record.key);
      return OK;
    case "forget":
      for (const policy of state.rooms.values()) forgetWords(policy, record.identity);
      return OK;
    case "marks":
      return foldMarks(policyOf(state, record.room), record, at);
    case "act":
    case "claim":
    case "accept":
    case "report":
    case "hold": {
      const policy = policyOf(state, record.room);
      const before = policy.judged.get(record.key);
      if (before !== undefined) return before;
      const verdict = judge(state, policy, record, { at, offset });
      policy.judged.set(record.key, verdict);
      forgetOldest(policy.judged, MAX.judged);
      return verdict;
    }
  }
}

type Judged = ActRecordOf<"act" | "claim" | "accept" | "report" | "hold">;

/** A place in the log, and its time. */
interface Place {
  readonly at: number;
  readonly offset: number;
}

function judge(state: ModerationState, policy: RoomPolicy, record: Judged, { at, offset }: Place): Verdict {
  switch (record.kind) {
    case "act":
      return judgeAct(policy, record, at);
    case "claim":
      return foldClaim(policy, record, at);
    case "accept":
      return foldAccept(state, policy, record, at);
    case "report":
      return isBanned(state, policy, record.by, at) ? BANNED : foldReport(policy, record, at);
    case "hold":
      return isBanned(state, policy, record.by, at) ? BANNED : foldHold(policy, record, { at, offset });
  }
}

const BANNED = no("Somebody who is banned from this room can't do that.");

function isBanned(state: ModerationState, policy: RoomPolicy, identity: string, at: number): boolean {
  if (identity === OPERATOR) return false;
  return holds(policy.bans.get(identity), at) || holds(state.rooms.get(EVERYWHERE)?.bans.get(identity), at);
}

function policyOf(state: ModerationState, room: string): RoomPolicy {
  let policy = state.rooms.get(room);
  if (policy === undefined) {
    policy = newPolicy(room);
    state.rooms.set(room, policy);
  }
  return policy;
}

function foldClaim(policy: RoomPolicy, { key, by }: ActRecordOf<"claim">, at: number): Verdict {
  if (isOwned(policy)) return no("This room has an owner already.");
  if (holds(policy.bans.get(by), at)) return BANNED;
  policy.links.set(key, {
    id: key,
    right: "owner",
    parent: null,
    by,
    at,
    expiresAt: null,
    label: "",
    revoked: false,
    holders: 1,
  });
  accept(policy, by, key);
  return OK;
}

function foldAccept(
  state: ModerationState,
  policy: RoomPolicy,
  { by, link: id }: ActRecordOf<"accept">,
  at: number,
): Verdict {
  const link = policy.links.get(id);
  if (link === undefined || !isAlive(policy, id, at))
    return no("This link was taken back, or its time is over.");
  if (holds(policy.bans.get(by), at)) return BANNED;
  const own = policy.accepted.get(by);
  if (own?.has(id) === true) return OK;
  if (own === undefined && policy.accepted.size >= MAX.accepted) {
    return full("room-full", `At most ${MAX.accepted} people can hold links of one room.`);
  }
  if (own !== undefined && own.size >= MAX.linksOfIdentity) dropDead(policy, own, at);
  if (own !== undefined && own.size >= MAX.linksOfIdentity) {
    return full("room-full", `One person can hold ${MAX.linksOfIdentity} links of one room.`);
  }
  link.holders += 1;
  state.accepted += 1;
  accept(policy, by, id);
  return OK;
}

function accept(policy: RoomPolicy, identity: string, id: string): void {
  const own = policy.accepted.get(identity);
  if (own === undefined) policy.accepted.set(identity, new Set([id]));
  else own.add(id);
}

function dropDead(policy: RoomPolicy, own: Set<string>, at: number): void {
  for (const id of own) if (!isAlive(policy, id, at)) own.delete(id);
}

function foldReport(policy: RoomPolicy, record: ActRecordOf<"report">, at: number): Verdict {
  const { offset, by, reason, words, from } = record;
  if (policy.decided.has(offset)) return no("A moderator has decided on this message already.");
  let report = policy.reports.get(offset);
  if (report === undefined) {
    if (policy.reports.size >= MAX.reports) {
      return full("reports-full", "Too many reports wait for a moderator; try again later.");
    }
    const fresh: Report = {
      offset,
      from,
      firstAt: at,
      count: 0,
      reasons: {},
      words: new Map(),
      reporters: new Map(),
    };
    policy.reports.set(offset, fresh);
    report = fresh;
  }
  if (report.reporters.has(by)) return OK;
  report.count += 1;
  report.reasons[reason] = (report.reasons[reason] ?? 0) + 1;
  // Words of those only who are named: so whoever is forgotten leaves none behind.
  if (report.reporters.size >= MAX.reporters) return OK;
  report.reporters.set(by, reason);
  if (words !== "" && report.words.size < MAX.reportWords) report.words.set(by, words);
  return OK;
}

function foldHold(
  policy: RoomPolicy,
  { key, by, body, re }: ActRecordOf<"hold">,
  { at, offset }: Place,
): Verdict {
  const fault = heldFault(policy, by);
  if (fault !== null) return full("held-full", fault);
  policy.held.set(key, { id: key, from: by, at, body, re, offset });
  return OK;
}

/** Only for who is banned with their address: what was found out too late says nothing. */
function foldMarks(policy: RoomPolicy, { identity, marks }: ActRecordOf<"marks">, at: number): Verdict {
  const ban = policy.bans.get(identity);
  if (ban === undefined || !ban.address || !holds(ban, at)) return OK;
  let own = 0;
  for (const mark of policy.marks.values()) if (mark.identity === identity) own += 1;
  for (const mark of marks) {
    if (policy.marks.has(mark) || own >= MAX.marksOfIdentity) continue;
    own += 1;
    policy.marks.set(mark, { identity, until: ban.until });
  }
  forgetOldest(policy.marks, MAX.marks);
  return OK;
}

function forgetOldest(map: Map<unknown, unknown>, max: number): void {
  while (map.size > max) map.delete(map.keys().next().value);
}

/** Who holds the best right is told by which link. */
export function linkOf(policy: RoomPolicy, identity: string, at: number): string | null {
  return bestLink(policy, identity, at)?.id ?? null;
}
