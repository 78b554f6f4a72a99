import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Random } from "@parlor/base";
import { checkHistory } from "./history-checker.ts";
import type { HistoryEntry, HistoryEvent, MessagesEvent } from "./history.ts";
import { randomInteger, randomItem, seededRandom, testSeed } from "./seeded-random.ts";

const ROOM = "r";
const EPOCH = "e";
const SEED = testSeed();
const RUNS = 200;

/** A run that keeps every promise: publishes, repetitions, refusals, joins, returns, reads and a trim. */
function rightHistory(random: Random): HistoryEvent[] {
  const events: HistoryEvent[] = [];
  const stored: HistoryEntry[] = [];
  let earliest = 1;
  const cursors = new Map<string, number>();
  const seqs = new Map<string, number>();
  const head = (): number => stored.at(-1)?.offset ?? 0;

  const publish = (): void => {
    const producer = randomItem(random, ["a", "b", "c"]);
    const seq = (seqs.get(producer) ?? 0) + 1;
    seqs.set(producer, seq);
    const base = { kind: "publish", room: ROOM, producer, seq } as const;
    const body = `${producer}-${seq}`;
    for (let sent = randomInteger(random, 1, 3); sent > 0; sent--)
      events.push({ ...base, outcome: "invoke", body });
    if (random() < 0.1) return void events.push({ ...base, outcome: random() < 0.5 ? "fail" : "info" });
    const offset = head() + (random() < 0.2 ? randomInteger(random, 2, 5) : 1);
    stored.push({ offset, producer, seq, body });
    const ok = { ...base, outcome: "ok", epoch: null } as const;
    if (random() < 0.9) events.push({ ...ok, offset });
    if (random() < 0.1) events.push({ ...ok, offset: random() < 0.5 ? offset : null });
  };
  const deliver = (subscriber: string, limit: number): void => {
    const after = cursors.get(subscriber);
    if (after === undefined || after < earliest - 1) return;
    const entries = stored.filter(({ offset }) => offset > after).slice(0, limit);
    if (entries.length === 0) return;
    events.push({ kind: "messages", subscriber, room: ROOM, epoch: EPOCH, after, entries });
    cursors.set(subscriber, entries.at(-1)?.offset ?? after);
  };
  const arrive = (subscriber: string): void => {
    const had = cursors.get(subscriber);
    const wanted = had ?? randomInteger(random, 0, head());
    const after = Math.max(wanted, earliest - 1);
    const lost = had !== undefined && after > had ? { from: had + 1, to: after } : null;
    const cursor = had === undefined ? null : { epoch: EPOCH, offset: had };
    events.push({
      kind: "subscribed",
      subscriber,
      room: ROOM,
      cursor,
      epoch: EPOCH,
      after,
      lost,
      skipped: null,
    });
    cursors.set(subscriber, after);
  };

  for (let step = 0; step < 120; step++) {
    const chance = random();
    const subscriber = randomItem(random, ["s", "t"]);
    if (chance < 0.5) publish();
    else if (chance < 0.8) deliver(subscriber, randomInteger(random, 1, 4));
    else if (chance < 0.93) arrive(subscriber);
    else if (chance < 0.98 && stored.length > 0) {
      const from = randomInteger(random, 0, stored.length - 1);
      const entries = stored.slice(from, from + 5).filter(({ offset }) => offset >= earliest);
      events.push({ kind: "history", reader: "h", room: ROOM, epoch: EPOCH, entries });
    } else earliest = randomInteger(random, earliest, Math.max(earliest, head() - 10));
  }
  for (const subscriber of ["s", "t"]) {
    arrive(subscriber);
    deliver(subscriber, Infinity);
  }
  const kept = stored.filter(({ offset }) => offset >= earliest);
  events.push({ kind: "log", room: ROOM, epoch: EPOCH, earliest, entries: kept });
  return events;
}

/** Deep enough a copy that a fault can be put into it. */
function copyOf(events: readonly HistoryEvent[]): HistoryEvent[] {
  return structuredClone(events) as HistoryEvent[];
}

type Entries = HistoryEntry[];
const entriesOf = (event: HistoryEvent): Entries => ("entries" in event ? (event.entries as Entries) : []);
const framesOf = (events: readonly HistoryEvent[], atLeast: number): MessagesEvent[] =>
  events.filter((event) => event.kind === "messages").filter(({ entries }) => entries.length >= atLeast);

function ackedOffsets(events: readonly HistoryEvent[]): Set<number | null> {
  return new Set(
    events.flatMap((event) => (event.kind === "publish" && event.outcome === "ok" ? [event.offset] : [])),
  );
}

/** Puts one fault into a history; false where it has no place for it. */
type Fault = (events: HistoryEvent[], random: Random) => boolean;

const FAULTS: Readonly<Record<string, Fault>> = {
  "a message is dropped from a frame": (events, random) => {
    // Of what was neither acknowledged nor seen by another, nobody can say that it is missing.
    const acked = ackedOffsets(events);
    const places = framesOf(events, 1).flatMap(({ entries }) =>
      entries.flatMap(({ offset }, at) => (acked.has(offset) ? [{ entries: entries as Entries, at }] : [])),
    );
    const { entries, at } = randomItem(random, places);
    entries.splice(at, 1);
    return true;
  },
  "two messages of a frame change places": (events, random) => {
    const frames = framesOf(events, 2);
    if (frames.length === 0) return false;
    const entries = randomItem(random, frames).entries as Entries;
    const at = randomInteger(random, 0, entries.length - 2);
    entries.splice(at, 2, entries[at + 1] as HistoryEntry, entries[at] as HistoryEntry);
    return true;
  },
  "a message is told twice": (events, random) => {
    const entries = randomItem(random, framesOf(events, 1)).entries as Entries;
    const at = randomInteger(random, 0, entries.length - 1);
    entries.splice(at, 0, entries[at] as HistoryEntry);
    return true;
  },
  "a message has another number for one reader": (events, random) => {
    const entries = randomItem(random, framesOf(events, 1)).entries as Entries;
    const at = randomInteger(random, 0, entries.length - 1);
    const entry = entries[at] as HistoryEntry;
    entries[at] = { ...entry, offset: entry.offset + 1_000 };
    return true;
  },
  "a whole frame is dropped": (events, random) => {
    events.splice(events.indexOf(randomItem(random, framesOf(events, 1))), 1);
    return true;
  },
  "a body is another one for everybody": (events, random) => {
    const log = entriesOf(events.at(-1) as HistoryEvent);
    if (log.length === 0) return false;
    const { offset } = randomItem(random, log);
    for (const entries of events.map(entriesOf)) {
      const at = entries.findIndex((entry) => entry.offset === offset);
      if (at >= 0) entries[at] = { ...(entries[at] as HistoryEntry), body: "forged" };
    }
    return true;
  },
  "an acknowledged message is gone from everywhere": (events, random) => {
    const acked = ackedOffsets(events);
    const log = entriesOf(events.at(-1) as HistoryEvent).filter(({ offset }) => acked.has(offset));
    if (log.length === 0) return false;
    const { offset } = randomItem(random, log);
    for (const entries of events.map(entriesOf)) {
      const at = entries.findIndex((entry) => entry.offset === offset);
      if (at >= 0) entries.splice(at, 1);
    }
    return true;
  },
  "a message that nobody published is in the log": (events) => {
    entriesOf(events.at(-1) as HistoryEvent).push({ offset: 10_000, producer: "z", seq: 1, body: "?" });
    return true;
  },
  "two messages of one producer have changed places for everybody": (events, random) => {
    const log = entriesOf(events.at(-1) as HistoryEvent);
    const producer = randomItem(random, ["a", "b", "c"]);
    const own = log.filter((entry) => entry.producer === producer);
    if (own.length < 2) return false;
    const [first, second] = [own[0] as HistoryEntry, own[1] as HistoryEntry];
    for (const entries of events.map(entriesOf)) {
      for (const [at, entry] of entries.entries()) {
        if (entry.offset === first.offset) entries[at] = { ...second, offset: first.offset };
        if (entry.offset === second.offset) entries[at] = { ...first, offset: second.offset };
      }
    }
    return true;
  },
  "a publish is stored a second time": (events, random) => {
    const log = entriesOf(events.at(-1) as HistoryEvent);
    if (log.length === 0) return false;
    log.push({ ...randomItem(random, log), offset: 10_000 });
    return true;
  },
  "an acknowledgement names another place": (events, random) => {
    const log = entriesOf(events.at(-1) as HistoryEvent);
    const acks = events.filter(
      (event) =>
        event.kind === "publish" &&
        event.outcome === "ok" &&
        log.some(({ offset }) => offset === event.offset),
    );
    if (acks.length === 0) return false;
    const at = events.indexOf(randomItem(random, acks));
    events[at] = { ...events[at], offset: 10_000 } as HistoryEvent;
    return true;
  },
};

describe("checkHistory", () => {
  test(`a right history is found right (seed ${SEED})`, () => {
    for (let run = 0; run < RUNS; run++) {
      const found = checkHistory(rightHistory(seededRandom(`${SEED} ${run}`)), { settled: true });
      assert.deepEqual(found, [], `run ${run}`);
    }
  });

  for (const [what, fault] of Object.entries(FAULTS)) {
    test(`it is caught when ${what} (seed ${SEED})`, () => {
      let tried = 0;
      for (let run = 0; run < RUNS; run++) {
        const random = seededRandom(`${SEED} ${run}`);
        const events = copyOf(rightHistory(random));
        if (!fault(events, random)) continue;
        tried += 1;
        assert.notDeepEqual(checkHistory(events, { settled: true }), [], `run ${run}`);
      }
      assert.ok(tried > RUNS / 2, `only ${tried} runs had a place for the fault`);
    });
  }
});
