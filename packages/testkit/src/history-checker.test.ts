import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkHistory, type HistoryOptions } from "./history-checker.ts";
import type { HistoryEntry, HistoryEvent, ViolationName } from "./history.ts";

const room = "lobby";
const epoch = "e1";

/** A message whose body names it, as `publish` below published it. */
const entry = (offset: number, producer: string, seq: number): HistoryEntry => ({
  offset,
  producer,
  seq,
  body: `${producer}${seq}`,
});
const invoke = (producer: string, seq: number): HistoryEvent => ({
  kind: "publish",
  outcome: "invoke",
  room,
  producer,
  seq,
  body: `${producer}${seq}`,
});
const ok = (producer: string, seq: number, offset: number | null): HistoryEvent => ({
  kind: "publish",
  outcome: "ok",
  room,
  producer,
  seq,
  epoch: null,
  offset,
});
const subscribed = (
  subscriber: string,
  cursor: number | null,
  after: number,
  more: Partial<Extract<HistoryEvent, { kind: "subscribed" }>> = {},
): HistoryEvent => ({
  kind: "subscribed",
  subscriber,
  room,
  cursor: cursor === null ? null : { epoch, offset: cursor },
  epoch,
  after,
  lost: null,
  skipped: null,
  ...more,
});
const messages = (subscriber: string, after: number, ...entries: HistoryEntry[]): HistoryEvent => ({
  kind: "messages",
  subscriber,
  room,
  epoch,
  after,
  entries,
});
const log = (earliest: number, ...entries: HistoryEntry[]): HistoryEvent => ({
  kind: "log",
  room,
  epoch,
  earliest,
  entries,
});
const read = (...entries: HistoryEntry[]): HistoryEvent => ({
  kind: "history",
  reader: "r",
  room,
  epoch,
  entries,
});

const [A1, A2, B1, A3] = [entry(1, "a", 1), entry(2, "a", 2), entry(3, "b", 1), entry(5, "a", 3)] as const;
const ALL = [A1, A2, B1, A3] as const;
/** Two producers, four messages, a hole in the numbers at 4. */
const PUBLISHED = [
  invoke("a", 1),
  ok("a", 1, 1),
  invoke("a", 2),
  ok("a", 2, 2),
  invoke("b", 1),
  ok("b", 1, 3),
  invoke("a", 3),
  ok("a", 3, 5),
];

function assertRight(events: readonly HistoryEvent[], options: HistoryOptions = { settled: true }): void {
  assert.deepEqual(checkHistory(events, options), []);
}

/** Fails unless exactly violations of these names are found. */
function assertWrong(events: readonly HistoryEvent[], ...names: ViolationName[]): void {
  const found = checkHistory(events, { settled: true });
  assert.deepEqual(new Set(found.map(({ name }) => name)), new Set(names), JSON.stringify(found, null, 1));
}

describe("histories that are right", () => {
  test("nothing happened", () => assertRight([]));

  test("a publish was stored once more after a deletion, and that history was deleted before anybody looked", () => {
    const seen = [invoke("a", 1), ok("a", 1, 4), read(A1), log(1, A1)];
    assertRight([...seen, { kind: "deleted", room, epoch: "e2" }]);
    assertWrong(seen, "misplaced");
  });

  test("everything was told to a subscriber, in one frame or in several", () => {
    assertRight([...PUBLISHED, subscribed("s", null, 0), messages("s", 0, ...ALL), log(1, ...ALL)]);
    const frames = [messages("s", 0, A1), messages("s", 1, A2, B1), messages("s", 3, A3)];
    assertRight([...PUBLISHED, subscribed("s", null, 0), ...frames, log(1, ...ALL)]);
  });

  test("a subscriber joined late and needs nothing of what was before", () => {
    assertRight([...PUBLISHED, subscribed("s", null, 3), messages("s", 3, A3), log(1, ...ALL)]);
  });

  test("a subscriber came back and went on from its cursor", () => {
    const came = [
      subscribed("s", null, 0),
      messages("s", 0, A1),
      subscribed("s", 1, 1),
      messages("s", 1, A2, B1, A3),
    ];
    assertRight([...PUBLISHED, ...came, log(1, ...ALL)]);
  });

  test("what was trimmed was told as lost, and what a join left out as skipped", () => {
    const cut = [subscribed("s", 1, 2, { lost: { from: 2, to: 2 } }), messages("s", 2, B1, A3)];
    assertRight([...PUBLISHED, ...cut, log(3, B1, A3)]);
    const both = subscribed("s", 0, 3, { lost: { from: 1, to: 1 }, skipped: { from: 2, to: 3 } });
    assertRight([...PUBLISHED, both, messages("s", 3, A3), log(2, A2, B1, A3)]);
  });

  test("a new epoch was told, and the acknowledgements of the old one bind nobody", () => {
    const reset = subscribed("s", 5, 0, { epoch: "e2", lost: { epoch: true } });
    assertRight([...PUBLISHED, reset, { kind: "log", room, epoch: "e2", earliest: 1, entries: [] }]);
  });

  test("a publish of unknown outcome is there, or is not", () => {
    const unknown: HistoryEvent = { kind: "publish", outcome: "info", room, producer: "a", seq: 1 };
    assertRight([invoke("a", 1), unknown, log(1, A1)]);
    assertRight([invoke("a", 1), unknown, log(1)]);
  });

  test("a publish was sent three times, and answered as a duplicate with and without its offset", () => {
    assertRight([invoke("a", 1), invoke("a", 1), ok("a", 1, 1), ok("a", 1, 1), ok("a", 1, null), log(1, A1)]);
  });

  test("an erased body is no difference", () => {
    assertRight([
      ...PUBLISHED,
      read({ ...A1, body: null }, A2),
      read(A1),
      log(1, { ...A1, body: null }, A2, B1, A3),
    ]);
  });

  test("a subscriber that left is not behind", () => {
    const left: HistoryEvent = { kind: "left", subscriber: "s", room };
    assertRight([...PUBLISHED, subscribed("s", null, 0), left, log(1, ...ALL)]);
  });
});

describe("histories that are wrong", () => {
  test("lost-write: an acknowledged message is nowhere", () => {
    assertWrong([...PUBLISHED, log(1, A1, A2, B1)], "lost-write");
    assertWrong([...PUBLISHED, log(1)], "lost-write");
    assertWrong([invoke("a", 1), ok("a", 1, null), log(1)], "lost-write");
  });

  test("lost-write: nobody read the log, and a subscriber went past the place", () => {
    assertWrong([...PUBLISHED, subscribed("s", null, 0), messages("s", 0, A1, B1, A3)], "lost-write");
  });

  test("lost-write: it was seen once and the log has it no more", () => {
    assertWrong([...PUBLISHED, read(A3), log(1, A1, A2, B1)], "lost-write");
  });

  test("misplaced: it is not where the acknowledgement says", () => {
    assertWrong([invoke("a", 1), ok("a", 1, 7), log(1, A1)], "misplaced");
    assertWrong([invoke("a", 1), ok("a", 1, 1), ok("a", 1, 2), log(1, A1)], "misplaced");
  });

  test("duplicate: one publish has two places", () => {
    assertWrong([invoke("a", 1), ok("a", 1, 1), log(1, A1, { ...A1, offset: 2 })], "duplicate");
  });

  test("duplicate: a subscriber was told twice, in one frame or after coming back", () => {
    assertWrong(
      [...PUBLISHED, subscribed("s", null, 0), messages("s", 0, A1, A2, A2, B1, A3), log(1, ...ALL)],
      "duplicate",
    );
    const again = [messages("s", 0, ...ALL), subscribed("s", 5, 2), messages("s", 2, B1, A3)];
    assertWrong([...PUBLISHED, subscribed("s", null, 0), ...again, log(1, ...ALL)], "duplicate");
  });

  test("nonmonotonic: offsets do not rise", () => {
    assertWrong(
      [...PUBLISHED, subscribed("s", null, 0), messages("s", 0, A2, A1, B1, A3), log(1, ...ALL)],
      "nonmonotonic",
    );
    assertWrong([...PUBLISHED, read(A2, A1), log(1, ...ALL)], "nonmonotonic");
  });

  test("skip: a frame does not follow the one before", () => {
    const frames = [messages("s", 0, A1), messages("s", 2, B1, A3)];
    assertWrong([...PUBLISHED, subscribed("s", null, 0), ...frames, log(1, ...ALL)], "skip");
  });

  test("skip: the chain is whole and a message in it is missing", () => {
    assertWrong(
      [...PUBLISHED, subscribed("s", null, 0), messages("s", 0, A1, B1, A3), log(1, ...ALL)],
      "skip",
    );
    assertWrong([...PUBLISHED, read(A1, B1), log(1, ...ALL)], "skip");
  });

  test("skip: a subscriber came back further on, and was not told or not of all", () => {
    const late = [subscribed("s", 1, 3), messages("s", 3, A3)];
    assertWrong([...PUBLISHED, ...late, log(1, ...ALL)], "skip");
    const partly = [subscribed("s", 0, 3, { lost: { from: 1, to: 1 } }), messages("s", 3, A3)];
    assertWrong([...PUBLISHED, ...partly, log(4, A3)], "skip");
  });

  test("skip: the epoch changed silently", () => {
    assertWrong([subscribed("s", 5, 0, { epoch: "e2" })], "skip");
  });

  test("skip: a subscriber forgot where it was", () => {
    const came = [
      subscribed("s", null, 0),
      messages("s", 0, A1),
      subscribed("s", 2, 2),
      messages("s", 2, B1, A3),
    ];
    assertWrong([...PUBLISHED, ...came, log(1, ...ALL)], "skip");
  });

  test("false-lost: what was told as lost is there", () => {
    const told = [subscribed("s", 0, 2, { lost: { from: 1, to: 2 } }), messages("s", 2, B1, A3)];
    assertWrong([...PUBLISHED, ...told, log(1, ...ALL)], "false-lost");
    assertWrong([subscribed("s", 0, 0, { lost: { epoch: true } })], "false-lost");
  });

  test("invented: nobody published it, or it was refused", () => {
    assertWrong([log(1, A1)], "invented");
    const refused: HistoryEvent = { kind: "publish", outcome: "fail", room, producer: "a", seq: 1 };
    assertWrong([invoke("a", 1), refused, log(1, A1)], "invented");
  });

  test("altered: the body is another one", () => {
    assertWrong([invoke("a", 1), ok("a", 1, 1), log(1, { ...A1, body: "A1" })], "altered");
  });

  test("reordered-producer: a producer's messages changed places", () => {
    const swapped = [entry(1, "a", 2), entry(2, "a", 1)];
    assertWrong([invoke("a", 1), invoke("a", 2), log(1, ...swapped)], "reordered-producer");
  });

  test("disagreement: two parties have different messages at one offset", () => {
    const other = entry(3, "a", 3);
    assertWrong(
      [...PUBLISHED.slice(0, 4), invoke("b", 1), invoke("a", 3), read(A1, A2, B1), read(other)],
      "disagreement",
    );
    assertWrong([invoke("a", 1), read(A1), read({ ...A1, body: "x" })], "disagreement");
  });

  test("behind: all is over, and a subscriber is not at the end", () => {
    assertWrong([...PUBLISHED, subscribed("s", null, 0), messages("s", 0, A1), log(1, ...ALL)], "behind");
  });

  test("ack-before-durable: what the system calls showed counts with the rest", () => {
    const early = { name: "ack-before-durable", message: "…" } as const;
    assert.deepEqual(checkHistory([], { syscalls: [early] }), [early]);
  });
});
