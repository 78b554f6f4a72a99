import type { Position } from "@parlor/protocol";
import { getOrMake, Publish, Reader, Story } from "./history-facts.ts";
import type {
  HistoryEntry,
  HistoryEvent,
  MessagesEvent,
  SubscribedEvent,
  Violation,
  ViolationName,
} from "./history.ts";

export interface HistoryOptions {
  /** Whether every subscriber had the time to come to the end, so that one that did not is `behind`. */
  readonly settled?: boolean;
  /** What the order of system calls showed (`acksBeforeDurable`); counted with the rest. */
  readonly syscalls?: readonly Violation[];
}

/**
 * Judges a recorded history. An empty answer means that the run kept the promises of docs/guarantees.md
 * as far as its events can show; it says nothing of what nobody recorded.
 */
export function checkHistory(events: Iterable<HistoryEvent>, options: HistoryOptions = {}): Violation[] {
  const checker = new HistoryChecker();
  for (const event of events) checker.take(event);
  checker.conclude(options.settled === true);
  return [...checker.violations, ...(options.syscalls ?? [])];
}

/**
 * Judges a history while it happens, for runs that are too long to be kept: `take` each event, and at the
 * end `conclude`. What it found stands in `violations`.
 */
export class HistoryChecker {
  readonly violations: Violation[] = [];
  /** By room, then by producer and seq. */
  readonly #publishes = new Map<string, Map<string, Publish>>();
  /** By room, then by epoch. */
  readonly #stories = new Map<string, Map<string, Story>>();
  /** By room, then by subscriber. */
  readonly #readers = new Map<string, Map<string, Reader>>();

  take(event: HistoryEvent): void {
    const { kind, room } = event;
    if (kind === "publish") {
      const publish = getOrMake(
        this.#publishesOf(room),
        `${event.producer}/${event.seq}`,
        () => new Publish(),
      );
      if (event.outcome === "invoke") publish.bodies.add(event.body);
      else if (event.outcome === "ok") publish.acks.push(event);
      else if (event.outcome === "fail") publish.isRefused = true;
    } else if (kind === "subscribed") this.#takeSubscribed(event);
    else if (kind === "messages") this.#takeMessages(event);
    else if (kind === "left") this.#readersOf(room).delete(event.subscriber);
    // That it was is known from now on, even if nobody saw a message of it.
    else if (kind === "deleted") this.#story(room, event.epoch);
    else if (kind === "history") this.#takePage(event.reader, room, event.epoch, event.entries);
    else {
      const { epoch, earliest, entries } = event;
      const offsets = new Set(entries.map(({ offset }) => offset));
      this.#story(room, epoch).log = { earliest, end: entries.at(-1)?.offset ?? 0, offsets };
      this.#takePage("the log", room, epoch, entries);
    }
  }

  /** What can be said only once everything is known. */
  conclude(isSettled: boolean): void {
    for (const [room, stories] of this.#stories) {
      for (const story of stories.values()) {
        this.#concludeOrder(room, story);
        this.#concludeStretches(room, story);
      }
    }
    for (const [room, publishes] of this.#publishes) {
      for (const [key, publish] of publishes) this.#concludeAcks(room, key, publish);
    }
    if (isSettled) this.#concludeArrival();
  }

  #takeSubscribed({ subscriber, room, epoch, after, cursor, lost, skipped }: SubscribedEvent): void {
    const reader = getOrMake(this.#readersOf(room), subscriber, () => new Reader());
    const story = this.#story(room, epoch);
    const who = `${subscriber} in ${room}`;
    // That there was another epoch is known from now on, even if nobody saw a message of it.
    if (cursor !== null) this.#story(room, cursor.epoch);
    const had = reader.position;
    if (had !== null && (had.epoch !== cursor?.epoch || had.offset !== cursor.offset)) {
      this.#found("skip", `${who} was at ${show(had)} and went on from ${show(cursor)}`);
    }
    const isNewEpoch = lost !== null && "epoch" in lost;
    if (cursor !== null && cursor.epoch !== epoch && !isNewEpoch) {
      this.#found("skip", `${who} came from ${show(cursor)} to epoch ${epoch} and was not told`);
    } else if (cursor?.epoch === epoch) {
      if (isNewEpoch) this.#found("false-lost", `${who} was told of a new epoch and ${epoch} goes on`);
      const told = [skipped, isNewEpoch ? null : lost]
        .filter((each) => each !== null)
        .sort((a, b) => a.from - b.from);
      let reached = cursor.offset;
      for (const { from, to } of told) if (from <= reached + 1) reached = Math.max(reached, to);
      if (reached < after)
        this.#found("skip", `${who} came from ${show(cursor)} to ${after}, told of ${reached} only`);
    }
    if (lost !== null && !isNewEpoch) story.lostClaims.push({ who, ...lost });
    reader.position = { epoch, offset: after };
    story.stretches.push({ who, after, to: after, seen: reader.toldIn(epoch) });
  }

  #takeMessages({ subscriber, room, epoch, after, entries }: MessagesEvent): void {
    const reader = getOrMake(this.#readersOf(room), subscriber, () => new Reader());
    const story = this.#story(room, epoch);
    const who = `${subscriber} in ${room}`;
    const seen = reader.toldIn(epoch);
    if (reader.position?.epoch !== epoch || reader.position.offset !== after) {
      this.#found(
        "skip",
        `${who} was at ${show(reader.position)} and was told what follows ${epoch}:${after}`,
      );
      story.stretches.push({ who, after, to: after, seen });
    }
    const stretch = story.stretches.findLast((each) => each.seen === seen);
    let last = after;
    for (const entry of entries) {
      const { offset } = entry;
      if (seen.has(offset)) this.#found("duplicate", `${who} was told offset ${offset} twice`);
      else if (offset <= last) this.#found("nonmonotonic", `${who} was told offset ${offset} behind ${last}`);
      seen.add(offset);
      last = Math.max(last, offset);
      this.#observe(story, entry, who);
    }
    reader.position = { epoch, offset: last };
    if (stretch !== undefined) stretch.to = last;
  }

  #takePage(reader: string, room: string, epoch: string, entries: readonly HistoryEntry[]): void {
    const story = this.#story(room, epoch);
    const who = `${reader} of ${room}`;
    let last = 0;
    for (const entry of entries) {
      if (entry.offset <= last)
        this.#found("nonmonotonic", `${who} has offset ${entry.offset} behind ${last}`);
      last = Math.max(last, entry.offset);
      this.#observe(story, entry, who);
    }
    const seen = new Set(entries.map(({ offset }) => offset));
    story.stretches.push({ who, after: (entries[0]?.offset ?? 1) - 1, to: last, seen });
  }

  #observe(story: Story, entry: HistoryEntry, who: string): void {
    const known = story.entries.get(entry.offset);
    if (known === undefined || known.body === null) story.entries.set(entry.offset, entry);
    if (known === undefined) return;
    const isErased = known.body === null || entry.body === null;
    const isSame = known.producer === entry.producer && known.seq === entry.seq;
    if (isSame && (isErased || known.body === entry.body)) return;
    this.#found(
      "disagreement",
      `${who} has ${name(entry)} at offset ${entry.offset}, another has ${name(known)}`,
    );
  }

  /** Goes through one room's order: who published what, once, and in the order of its producer. */
  #concludeOrder(room: string, story: Story): void {
    const newest = new Map<string, number>();
    for (const [offset, entry] of [...story.entries].sort(([a], [b]) => a - b)) {
      const where = `${name(entry)} at offset ${offset} of ${room}`;
      const key = `${entry.producer}/${entry.seq}`;
      const publish = this.#publishesOf(room).get(key);
      if (publish === undefined || publish.bodies.size === 0)
        this.#found("invented", `nobody published ${where}`);
      else if (publish.isRefused && publish.acks.length === 0)
        this.#found("invented", `${where} was refused`);
      else if (entry.body !== null && !publish.bodies.has(entry.body)) {
        this.#found("altered", `${where} was published as ${[...publish.bodies].join(" or ")}`);
      }
      const places = getOrMake(story.places, key, () => []);
      const before = newest.get(entry.producer) ?? 0;
      if (places.length > 0) this.#found("duplicate", `${where} is at offset ${places[0]} too`);
      else if (entry.seq < before) this.#found("reordered-producer", `${where} stands behind seq ${before}`);
      places.push(offset);
      newest.set(entry.producer, Math.max(entry.seq, before));
    }
  }

  /** Whoever went over a stretch saw everything in it; what was told as lost is in no log. */
  #concludeStretches(room: string, story: Story): void {
    const offsets = [...story.entries.keys()].sort((a, b) => a - b);
    for (const { who, after, to, seen } of story.stretches) {
      for (let i = firstAbove(offsets, after); i < offsets.length && (offsets[i] as number) <= to; i++) {
        const offset = offsets[i] as number;
        if (!seen.has(offset)) this.#found("skip", `${who} went over offset ${offset} of ${room} without it`);
      }
    }
    for (const { who, from, to } of story.lostClaims) {
      const kept = offsets[firstAbove(offsets, from - 1)] ?? Infinity;
      if (kept > to || story.log?.offsets.has(kept) !== true) continue;
      this.#found("false-lost", `${who} was told that ${from} to ${to} are lost, and ${kept} is there`);
    }
  }

  /** What was acknowledged is there, at the offset that the answer said. */
  #concludeAcks(room: string, key: string, { acks }: Publish): void {
    const what = `${key} in ${room}`;
    if (acks.length > 1) {
      const offsets = new Set(acks.map(({ offset }) => offset).filter((offset) => offset !== null));
      if (offsets.size > 1)
        this.#found("misplaced", `${what} was acknowledged at ${[...offsets].join(" and at ")}`);
    }
    for (const { epoch, offset } of acks) {
      const stories = [...this.#storiesOf(room)].filter(([each]) => epoch === null || each === epoch);
      const places = stories.flatMap(([, story]) =>
        (story.places.get(key) ?? []).map((at) => ({ story, at })),
      );
      if (places.length === 0) {
        const isGone = stories.length > 0 && stories.every(([, story]) => story.wasPassed(offset));
        if (isGone)
          this.#found("lost-write", `${what} was acknowledged at ${offset ?? "some offset"} and is nowhere`);
      } else if (
        epoch === null &&
        stories.some(([, story]) => !story.places.has(key) && !story.wasPassed(offset))
      ) {
        // The answer may be of a history in which nobody looked there: of a room that was deleted soon after.
        continue;
      } else if (offset !== null && !places.some(({ at }) => at === offset)) {
        this.#found("misplaced", `${what} was acknowledged at ${offset} and is at ${places[0]?.at}`);
      } else if (!places.some(({ story, at }) => story.isKept(at))) {
        this.#found("lost-write", `${what} was acknowledged and seen, and the log has it no more`);
      }
    }
  }

  #concludeArrival(): void {
    for (const [room, readers] of this.#readers) {
      for (const [subscriber, { position }] of readers) {
        const end = position === null ? 0 : (this.#story(room, position.epoch).log?.end ?? 0);
        const at = position?.offset ?? 0;
        if (at < end) this.#found("behind", `${subscriber} in ${room} is at ${at} of ${end}`);
      }
    }
  }

  readonly #publishesOf = (room: string): Map<string, Publish> =>
    getOrMake(this.#publishes, room, () => new Map());
  readonly #storiesOf = (room: string): Map<string, Story> => getOrMake(this.#stories, room, () => new Map());
  readonly #readersOf = (room: string): Map<string, Reader> =>
    getOrMake(this.#readers, room, () => new Map());
  readonly #story = (room: string, epoch: string): Story =>
    getOrMake(this.#storiesOf(room), epoch, () => new Story());

  #found(name: ViolationName, message: string): void {
    this.violations.push({ name, message });
  }
}

/** Index of the first of the rising `offsets` that is greater than `offset`. */
function firstAbove(offsets: readonly number[], offset: number): number {
  let [low, high] = [0, offsets.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((offsets[middle] as number) > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

const name = (entry: HistoryEntry): string => `${entry.producer}/${entry.seq} (${entry.body ?? "erased"})`;
const show = (position: Position | null): string =>
  position === null ? "the beginning" : `${position.epoch}:${position.offset}`;
