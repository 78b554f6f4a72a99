import type { HistoryPageFrame, Lost, Message, SubscribedFrame } from "@parlor/protocol";
import { actOf, BY_ACT } from "./acts.ts";
import { entryOf, type Entry } from "./entries.ts";
import { foldEntries, NOTHING_TOLD, onlyToldOf, withAuthors, type Told } from "./fold.ts";
import { SLICE_MESSAGES, type PageSlice } from "./page-slices.ts";
import { joinRuns, keepNewest, keepOldest, messageAt, runBehind, type Run } from "./run.ts";

/**
 * What the page holds of one room, folded from what the client tells it.
 *
 *     past   ├── shown when someone reads far back ──┤   (null: the live run is shown)
 *     live                                     ├── the newest, follows the room ──┤
 *
 * Both are bounded, so the page stays small however long the room is. Reading back extends what is
 * shown at its top; once that would be more than `MAX_SHOWN` messages, the view lets go of the live
 * end and becomes `past`. Reading forward joins it to the live run again.
 *
 * Pure: `foldTimeline` never looks at a clock, a client or the page.
 */
export interface Timeline {
  /** The history that the offsets belong to; null before the first `subscribed`. */
  readonly epoch: string | null;
  /** Smallest offset that the server still has. */
  readonly earliest: number;
  /** The room's newest offset when the chain last started: until `live` reaches it, it is filling. */
  readonly head: number;
  readonly live: Run | null;
  readonly past: Run | null;
  /** Whether the reader is at the newest message, so that the view follows the room. */
  readonly isPinned: boolean;
  /** Everything up to here was in sight at the newest end. */
  readonly seenTo: number;
  /** The room's history was replaced while this page had it open. */
  readonly beganAnew: boolean;
  /** What entries say about messages, shown ones or not: edits, deletes, reactions. */
  readonly told: Told;
  /** Acts by which moderators erased all that somebody had written, the newest at the end. */
  readonly cleared: readonly Message[];
}

export type TimelineEvent =
  | { readonly kind: "subscribed"; readonly frame: SubscribedFrame }
  | { readonly kind: "messages"; readonly messages: readonly Message[] }
  /** A page of history that was asked for with `before`. */
  | ({ readonly kind: "page" } & PageSlice)
  /** A page of history around a message that somebody wants to see, wherever it is. */
  | { readonly kind: "went"; readonly before: number; readonly page: HistoryPageFrame }
  | { readonly kind: "pinned"; readonly isPinned: boolean }
  /** Someone who read far back came down to where the live run begins. */
  | { readonly kind: "rejoined" }
  | { readonly kind: "jumped" };

/**
 * Messages that are shown, and so rendered, at one time: three screens of single lines where the screen is large. What
 * nobody sees costs each frame as much as what they do, but who was away for an hour finds that hour still there.
 */
export const MAX_SHOWN = Math.max(120, 30 * Math.ceil((globalThis.screen?.height ?? 0) / 270));
/** Of those the ones that are held while the reader is at the newest: what they see, and some to scroll up to. */
export const MAX_FOLLOWED = (MAX_SHOWN * 2) / 3;

/** Messages of which is kept what entries say about them, before those that are not shown are let go. */
const MAX_TOLD = 4_000;
/** Acts that are kept for messages that a page of history brings later, as they were before. */
const MAX_CLEARED = 200;

export const EMPTY_TIMELINE: Timeline = Object.freeze({
  epoch: null,
  earliest: 1,
  head: 0,
  live: null,
  past: null,
  isPinned: true,
  seenTo: 0,
  beganAnew: false,
  told: NOTHING_TOLD,
  cleared: [],
});

export function foldTimeline(timeline: Timeline, event: TimelineEvent): Timeline {
  switch (event.kind) {
    case "subscribed":
      return afterSubscribed(timeline, event.frame);
    case "messages":
      return afterMessages(timeline, event.messages);
    case "page":
      return afterPage(timeline, event);
    case "went":
      return afterWent(timeline, event.before, event.page);
    case "pinned":
      return afterPinned(timeline, event.isPinned);
    case "rejoined":
      return rejoinLive(timeline);
    case "jumped":
      return afterPinned({ ...timeline, past: null }, true);
  }
}

/** What the reader sees. */
export function shownRun(timeline: Timeline): Run | null {
  return timeline.past ?? timeline.live;
}

/** Whether older messages than the shown ones can be read. */
export function hasOlder(timeline: Timeline): boolean {
  const run = shownRun(timeline);
  return run !== null && run.from > timeline.earliest;
}

/** Whether the newest messages are on their way, so that nothing can be said of the room yet. */
export function isFilling(timeline: Timeline): boolean {
  return timeline.live === null || timeline.live.to < timeline.head;
}

function afterSubscribed(timeline: Timeline, frame: SubscribedFrame): Timeline {
  const { epoch, after, head, earliest, lost } = frame;
  const known = timeline.epoch === epoch ? timeline.live : null;
  if (known === null) {
    const beganAnew = timeline.epoch !== null && timeline.epoch !== epoch;
    return { ...EMPTY_TIMELINE, epoch, earliest, head, live: runBehind(after), beganAnew };
  }
  const bridged = bridgeLost(known, lost, after);
  if (after <= bridged.to) return { ...timeline, earliest, head, live: bridged };
  // The rest was skipped: a new run begins, and whoever reads further up keeps what they read.
  const past = timeline.past ?? (timeline.isPinned ? null : bridged);
  return { ...timeline, earliest, head, live: runBehind(after), past };
}

/** What was lost does not exist any more, so a run that names it covers it. */
function bridgeLost(run: Run, lost: Lost | null, after: number): Run {
  if (lost === null || "epoch" in lost) return run;
  if (lost.from > run.to + 1 || lost.to <= run.to) return run;
  const stretch = { from: lost.from, to: lost.to };
  return { ...run, to: Math.max(run.to, Math.min(lost.to, after)), lost: [...run.lost, stretch] };
}

function afterMessages(timeline: Timeline, messages: readonly Message[]): Timeline {
  const last = messages.at(-1);
  if (timeline.live === null || last === undefined) return timeline;
  // The client hands on an unbroken chain, so these follow what is there whatever their offsets.
  const arrived: Run = {
    from: timeline.live.to + 1,
    to: last.offset,
    messages: messages.filter(standsAlone),
    lost: [],
  };
  const grown = joinRuns(timeline.live, arrived);
  return grown === null ? timeline : withLive(withEntries(timeline, messages), grown);
}

/** Takes what messages say about others: shown is that, and not they. */
function withEntries(
  timeline: Timeline,
  messages: readonly Message[],
  related: readonly Message[] = [],
): Timeline {
  const entries: Entry[] = [];
  for (const message of [...messages, ...related]) {
    const entry = entryOf(message);
    if (entry !== null) entries.push(entry);
  }
  const { past, live } = timeline;
  const clears = messages.filter((message) => actOf(message)?.["kind"] === "clear");
  const cleared = clears.length > 0 ? [...timeline.cleared, ...clears].slice(-MAX_CLEARED) : timeline.cleared;
  for (const { offset, from } of [...messages, ...(live?.messages ?? []), ...(past?.messages ?? [])]) {
    const clear = cleared.findLast((act) => actOf(act)?.["identity"] === from && act.offset > offset);
    if (clear) entries.push({ kind: "delete", re: offset, offset: clear.offset, from: BY_ACT });
  }
  const authorOf = (offset: number): string | undefined =>
    (messageAt(messages, offset) ?? messageAt(live?.messages, offset) ?? messageAt(past?.messages, offset))
      ?.from;
  const gathered = foldEntries(withAuthors(timeline.told, messages), entries, authorOf);
  if (gathered === timeline.told && cleared === timeline.cleared) return timeline;
  if (gathered.size <= MAX_TOLD) return { ...timeline, told: gathered, cleared };
  const held = [...(past?.messages ?? []), ...(live?.messages ?? [])];
  return { ...timeline, told: onlyToldOf(gathered, new Set(held.map(({ offset }) => offset))), cleared };
}

/** A message that carries `re` is about another one, and not shown as one of its own; a moderator's act is. */
function standsAlone(message: Message): boolean {
  return message.re === undefined || actOf(message) !== null;
}

/** Puts a longer live run in place, and keeps under the eyes of a reader what they read. */
function withLive(timeline: Timeline, grown: Run): Timeline {
  if (timeline.past === null && timeline.isPinned) {
    const followed = keepNewest(grown, MAX_FOLLOWED);
    return { ...timeline, live: followed, seenTo: followed.to };
  }
  const live = keepNewest(grown, MAX_SHOWN);
  if (timeline.past !== null) return { ...timeline, live };
  return live === grown ? { ...timeline, live } : { ...timeline, live, past: keepOldest(grown, MAX_SHOWN) };
}

function afterPage(timeline: Timeline, { before, page, above }: PageSlice): Timeline {
  const shown = shownRun(timeline);
  // A page of another history, or one that came too late to fit anywhere, says nothing here.
  if (shown === null || page.epoch !== timeline.epoch) return timeline;
  const read = { ...runOf(page, before), above };
  const joined = joinRuns(read, shown);
  const known = withPageEntries(timeline, page);
  if (joined === null) return known;
  return joined.to > shown.to ? readForward(known, joined) : readBack(known, joined);
}

/** What a page of history covers. */
function runOf(page: HistoryPageFrame, before: number): Run {
  const first = page.messages[0]?.offset ?? before;
  return {
    from: Math.min(first, page.more ? first : page.earliest),
    to: before - 1,
    messages: page.messages.filter(standsAlone),
    lost: [],
  };
}

function withPageEntries(timeline: Timeline, page: HistoryPageFrame): Timeline {
  const { earliest, messages, related } = page;
  return withEntries({ ...timeline, earliest }, messages, related);
}

/** Shows that page instead of what was shown, and reads on from there. */
function afterWent(timeline: Timeline, before: number, page: HistoryPageFrame): Timeline {
  if (timeline.live === null || page.epoch !== timeline.epoch) return timeline;
  const read = runOf(page, before);
  const known = { ...withPageEntries(timeline, page), isPinned: false };
  const whole = joinRuns(read, timeline.live);
  if (whole === null || whole.messages.length > MAX_SHOWN) return { ...known, past: read };
  return { ...known, live: whole, past: null };
}

function readBack(timeline: Timeline, joined: Run): Timeline {
  if (timeline.past !== null) return { ...timeline, past: keepOldest(joined, MAX_SHOWN) };
  if (joined.messages.length <= MAX_SHOWN) return { ...timeline, live: joined };
  // Somebody who is at the newest message did not read that far back: the page came too late.
  return timeline.isPinned ? timeline : { ...timeline, past: keepOldest(joined, MAX_SHOWN) };
}

function readForward(timeline: Timeline, joined: Run): Timeline {
  const { live } = timeline;
  const whole = live === null ? null : joinRuns(joined, live);
  return whole === null ? { ...timeline, past: keepNewest(joined, MAX_SHOWN) } : rejoined(timeline, whole);
}

/** Whether the shown past reaches the live run, so that reading on needs no history. */
export function touchesLive({ past, live }: Timeline): boolean {
  return past !== null && live !== null && live.from <= past.to + 1;
}

function rejoinLive(timeline: Timeline): Timeline {
  if (timeline.past === null || timeline.live === null) return timeline;
  const whole = joinRuns(timeline.past, timeline.live);
  return whole === null ? timeline : rejoined(timeline, whole);
}

function rejoined(timeline: Timeline, whole: Run): Timeline {
  const shown = timeline.past ?? whole;
  const isShown = whole.messages.filter((message) => message.offset <= shown.to).length;
  // A few more at a time: they are drawn in one frame, and what the reader has before their eyes must stay.
  const next = keepOldest(whole, isShown + SLICE_MESSAGES);
  const past = keepNewest(next, MAX_SHOWN);
  return next === whole ? { ...timeline, live: past, past: null } : { ...timeline, past };
}

function afterPinned(timeline: Timeline, isPinned: boolean): Timeline {
  if (!isPinned) return timeline.isPinned ? { ...timeline, isPinned } : timeline;
  if (timeline.past !== null || timeline.live === null) return timeline;
  return { ...timeline, isPinned, seenTo: Math.max(timeline.seenTo, timeline.live.to) };
}
