/**
 * What the fold of all acts up to a place came to, as text, so that it can be gone on from there and what came before
 * be forgotten. What people wrote themselves (reports, messages that wait) stands beside the text in pieces of its own,
 * each of which can be erased without the rest.
 */
import type { ModerationState } from "./fold.ts";
import {
  type Held,
  newPolicy,
  type Pending,
  type Report,
  type RoomPolicy,
  type Verdict,
} from "./room-policy.ts";
import type { Reason } from "./shapes.ts";
import { OK } from "./verdicts.ts";

/** Something that somebody wrote, to whom and about what. */
export type KeptWords =
  | (Omit<Held, "id" | "from"> & {
      readonly kind: "held";
      readonly room: string;
      readonly id: string;
      readonly by: string;
      /** The act by which it does not wait any more, and which is not carried out yet; null while it waits. */
      readonly act: string | null;
    })
  | {
      readonly kind: "report";
      readonly room: string;
      readonly offset: number;
      readonly by: string;
      readonly reason: Reason;
      readonly words: string;
    };

export interface Snapshot {
  /** The offset of the newest act in it. */
  readonly upTo: number;
  readonly text: string;
  readonly words: readonly KeptWords[];
}

/** At once, so that nothing is folded in between. */
export function snapshotOf(state: ModerationState): Snapshot {
  const { secret, accepted, version } = state;
  const lines = [JSON.stringify({ secret, accepted })];
  const words: KeptWords[] = [];
  for (const policy of state.rooms.values()) {
    lines.push(JSON.stringify(roomOf(policy)));
    words.push(...wordsOf(policy));
  }
  return { upTo: version, text: lines.join("\n"), words };
}

/** Makes of `state`, whatever it was, what the snapshot says. */
export function restoreInto(state: ModerationState, { upTo, text, words }: Snapshot): void {
  const [head = "{}", ...rooms] = text.split("\n");
  const { secret, accepted } = JSON.parse(head) as Pick<ModerationState, "secret" | "accepted">;
  Object.assign(state, { secret, accepted, version: upTo });
  state.rooms.clear();
  for (const line of rooms) {
    const policy = policyOf(JSON.parse(line) as KeptRoom);
    state.rooms.set(policy.room, policy);
  }
  for (const each of words) {
    const policy = state.rooms.get(each.room);
    if (policy !== undefined) putWords(policy, each);
  }
  for (const { reports } of state.rooms.values()) dropErased(reports);
}

/** Whether what was kept is still somebody's word here: not decided on and carried out, not forgotten. */
export function isKept({ rooms }: ModerationState, words: KeptWords): boolean {
  const policy = rooms.get(words.room);
  if (policy === undefined) return false;
  if (words.kind === "report") return policy.reports.get(words.offset)?.reporters.has(words.by) === true;
  if (policy.held.has(words.id)) return true;
  // Decided on, and perhaps not let through yet.
  for (const { held } of policy.pending.values()) if (held.some(({ id }) => id === words.id)) return true;
  return false;
}

type Entries<From> = From extends ReadonlyMap<infer Key, infer Value> ? [Key, Value][] : never;

type KeptReport = Omit<Report, "words" | "reporters">;

interface KeptRoom extends Pick<RoomPolicy, "room" | "mode" | "isLocked" | "slowMs" | "screensLinks"> {
  readonly pins: number[];
  readonly links: Entries<RoomPolicy["links"]>;
  readonly accepted: [string, string[]][];
  readonly mutes: Entries<RoomPolicy["mutes"]>;
  readonly bans: Entries<RoomPolicy["bans"]>;
  readonly marks: Entries<RoomPolicy["marks"]>;
  readonly decided: Entries<RoomPolicy["decided"]>;
  /** Null for most of them: they count. */
  readonly judged: [string, Verdict | null][];
  readonly pending: [string, Omit<Pending, "held">][];
  /** Counting those only who are not named: of the others each has words of their own. */
  readonly reports: KeptReport[];
}

function roomOf(policy: RoomPolicy): KeptRoom {
  const { room, mode, isLocked, slowMs, screensLinks } = policy;
  return {
    room,
    mode,
    isLocked,
    slowMs,
    screensLinks,
    pins: [...policy.pins],
    links: [...policy.links],
    accepted: [...policy.accepted].map(([identity, links]) => [identity, [...links]]),
    mutes: [...policy.mutes],
    bans: [...policy.bans],
    marks: [...policy.marks],
    decided: [...policy.decided],
    judged: [...policy.judged].map(([key, verdict]) => [key, verdict.ok ? null : verdict]),
    pending: [...policy.pending].map(([key, { record, at, link, until, reporters }]) => [
      key,
      { record, at, link, until, reporters },
    ]),
    reports: [...policy.reports.values()].map(withoutNamed),
  };
}

function withoutNamed({ offset, from, firstAt, reporters, ...report }: Report): KeptReport {
  const reasons = { ...report.reasons };
  for (const reason of reporters.values()) reasons[reason] = (reasons[reason] ?? 1) - 1;
  return { offset, from, firstAt, count: report.count - reporters.size, reasons };
}

function* wordsOf({ room, held, pending, reports }: RoomPolicy): Generator<KeptWords> {
  for (const each of held.values()) yield heldWords(room, each, null);
  for (const [act, { held: decided }] of pending)
    for (const each of decided) yield heldWords(room, each, act);
  for (const { offset, reporters, words } of reports.values()) {
    for (const [by, reason] of reporters)
      yield { kind: "report", room, offset, by, reason, words: words.get(by) ?? "" };
  }
}

function heldWords(room: string, { from, ...held }: Held, act: string | null): KeptWords {
  return { kind: "held", room, by: from, act, ...held };
}

function policyOf(kept: KeptRoom): RoomPolicy {
  const { room, mode, isLocked, slowMs, screensLinks } = kept;
  return {
    ...newPolicy(room),
    mode,
    isLocked,
    slowMs,
    screensLinks,
    pins: new Set(kept.pins),
    links: new Map(kept.links),
    accepted: new Map(kept.accepted.map(([identity, links]) => [identity, new Set(links)])),
    mutes: new Map(kept.mutes),
    bans: new Map(kept.bans),
    marks: new Map(kept.marks),
    decided: new Map(kept.decided),
    judged: new Map(kept.judged.map(([key, verdict]) => [key, verdict ?? OK])),
    pending: new Map(
      kept.pending.map(([key, { reporters, ...pending }]) => [key, { ...pending, held: [], reporters }]),
    ),
    reports: new Map(
      kept.reports.map((report) => [report.offset, { ...report, words: new Map(), reporters: new Map() }]),
    ),
  };
}

function putWords(policy: RoomPolicy, each: KeptWords): void {
  if (each.kind === "report") {
    const report = policy.reports.get(each.offset);
    if (report === undefined) return;
    report.count += 1;
    report.reasons[each.reason] = (report.reasons[each.reason] ?? 0) + 1;
    report.reporters.set(each.by, each.reason);
    if (each.words !== "") report.words.set(each.by, each.words);
    return;
  }
  const { id, by, act, at, body, re, offset } = each;
  const held: Held = { id, from: by, at, body, re, offset };
  if (act === null) policy.held.set(id, held);
  else {
    const pending = policy.pending.get(act);
    if (pending !== undefined) policy.pending.set(act, { ...pending, held: [...pending.held, held] });
  }
}

/** Reports all of whose authors were erased since, and their reasons, are as if they had never been. */
function dropErased(reports: Map<number, Report>): void {
  for (const [offset, { count, reasons }] of reports) {
    for (const [reason, times] of Object.entries(reasons)) if (times === 0) delete reasons[reason as Reason];
    if (count === 0) reports.delete(offset);
  }
}
