import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sampleMessage, SELF } from "../test/sample-log.ts";
import type { Echo } from "./echoes.ts";
import { foldEntries, NOTHING_TOLD, type Told } from "./fold.ts";
import { GROUP_MS, layOutRows, type MessageRow, type Row } from "./rows.ts";
import type { Run } from "./run.ts";

function runOf(...messages: Run["messages"]): Run {
  return { from: 1, to: messages.at(-1)?.offset ?? 0, messages, lost: [] };
}

function messageRows(rows: readonly Row[]): MessageRow[] {
  return rows.filter((row) => row.kind === "message");
}

/** Offsets of messages, and the kinds of what stands between them. */
function kinds(rows: readonly Row[]): readonly unknown[] {
  return rows.map((row) => (row.kind === "message" ? row.offset : row.kind));
}

const waiting: Echo = {
  id: "own-1",
  body: { text: "on its way", name: "Me" },
  at: 0,
  state: { kind: "waiting" },
};

describe("layOutRows", () => {
  test("[HIST-5] the line of what is unread stands above the first message of others behind what was read", () => {
    const rows = layOutRows(
      runOf(sampleMessage(1), sampleMessage(2), sampleMessage(3, { seq: 1 }), sampleMessage(4)),
      [],
      SELF,
      undefined,
      2,
    );
    assert.deepEqual(kinds(rows), ["day", 1, 2, 3, "unread", 4]);
  });

  test("[HIST-5] where what was read lies further up than what is shown, there is no line", () => {
    const { messages, to, lost } = runOf(sampleMessage(8), sampleMessage(9));
    const rows = layOutRows({ from: 8, to, messages, lost }, [], SELF, undefined, 2);
    assert.deepEqual(kinds(rows), ["day", 8, 9]);
  });

  test("[PAGE-3] messages of one author within five minutes are one group", () => {
    const first = sampleMessage(1);
    const soon = { ...sampleMessage(2), at: first.at + GROUP_MS - 1 };
    const later = { ...sampleMessage(3), at: first.at + GROUP_MS };
    const rows = messageRows(layOutRows(runOf(first, soon, later), [], SELF));
    assert.deepEqual(
      rows.map(({ startsGroup }) => startsGroup),
      [true, false, true],
    );
  });

  test("[HIST-9] who spoke right above what is shown, and speaks on, is not named again; the day is", () => {
    const above = sampleMessage(7);
    const run = { ...runOf(sampleMessage(8)), from: 8 };
    const [day, first] = layOutRows({ ...run, above }, [], SELF);
    assert.deepEqual([day?.kind, first?.kind === "message" && first.startsGroup], ["day", false]);
    const others: Run["messages"] = [
      { ...above, from: "someone-else-someone-1" },
      { ...above, at: above.at - GROUP_MS },
      { ...above, re: 3 },
      { ...above, from: "@server", body: { act: { kind: "clear" } } },
    ];
    for (const other of others)
      assert.equal(messageRows(layOutRows({ ...run, above: other }, [], SELF))[0]?.startsGroup, true);
  });

  test("[PAGE-3] the same name from another identity, or another name of the same, begins a group", () => {
    const stranger = { ...sampleMessage(2), from: "someone-else-someone-1" };
    const renamed = { ...sampleMessage(3), from: stranger.from, body: { text: "hi", name: "Bob" } };
    const rows = messageRows(layOutRows(runOf(sampleMessage(1), stranger, renamed), [], SELF));
    assert.deepEqual(
      rows.map(({ startsGroup }) => startsGroup),
      [true, true, true],
    );
  });

  test("[PAGE-3] each day has its divider, before its first message", () => {
    const first = sampleMessage(1);
    const nextDay = { ...sampleMessage(2), at: first.at + 36 * 3_600_000 };
    const rows = layOutRows(runOf(first, nextDay), [], SELF);
    assert.deepEqual(
      rows.map(({ kind }) => kind),
      ["day", "message", "day", "message"],
    );
  });

  test("[HIST-7] a row is the same object for as long as it says the same, and another one once it does not", () => {
    const messages = [sampleMessage(1), sampleMessage(2), sampleMessage(3)];
    const rowOf = (offset: number, run: Run, ...more: [typeof SELF, Told?]): MessageRow | undefined =>
      messageRows(layOutRows(run, [], ...more)).find((row) => row.offset === offset);
    const before = rowOf(2, runOf(...messages), SELF);
    assert.equal(rowOf(2, runOf(...messages, sampleMessage(4)), SELF), before);
    const entry = { kind: "edit", re: 2, offset: 9, from: before?.from ?? "", text: "changed" } as const;
    const edited = rowOf(2, runOf(...messages), SELF, foldEntries(NOTHING_TOLD, [entry]));
    assert.equal(edited?.body.kind === "text" && edited.body.text, "changed");
    assert.equal(rowOf(2, runOf(...messages.slice(1)), SELF)?.startsGroup, true);
    assert.equal(rowOf(2, runOf(...messages), SELF)?.startsGroup, false);
    const self = { identity: before?.from ?? "", producer: "another-page" };
    assert.equal(rowOf(2, runOf(...messages), self)?.isOwn, true);
  });

  test("[PAGE-5] a lost stretch is told in words where its messages would be", () => {
    const run = { ...runOf(sampleMessage(11), sampleMessage(31)), lost: [{ from: 12, to: 30 }] };
    const rows = layOutRows(run, [], SELF);
    assert.deepEqual(
      rows.map((row) => (row.kind === "notice" ? row.sentence : row.kind)),
      ["day", "message", "Messages 12–30 are no longer kept", "message"],
    );
  });

  test("[PAGE-5] a lost stretch at the end is told too", () => {
    const run = { ...runOf(sampleMessage(11)), to: 12, lost: [{ from: 12, to: 12 }] };
    const last = layOutRows(run, [], SELF).at(-1);
    assert.equal(last?.kind === "notice" && last.sentence, "Message 12 is no longer kept");
  });

  test("[PAGE-1] an echo stands behind what is in the room, and keeps its key when it becomes a message", () => {
    const others = sampleMessage(1);
    const echoed = messageRows(layOutRows(runOf(others), [waiting], SELF)).at(-1);
    assert.equal(echoed?.echo?.kind, "waiting");
    assert.equal(echoed?.at, others.at);
    const delivered = messageRows(layOutRows(runOf(others, sampleMessage(2, { seq: 1 })), [], SELF)).at(-1);
    assert.equal(delivered?.key, echoed?.key);
    assert.equal(delivered?.echo, null);
  });

  test("[PAGE-1] an echo whose message is shown is not shown beside it", () => {
    const rows = messageRows(layOutRows(runOf(sampleMessage(2, { seq: 1 })), [waiting], SELF));
    assert.equal(rows.length, 1);
  });

  test("[PAGE-1] another person's message with the same producer and seq is theirs", () => {
    const forged = { ...sampleMessage(2, { seq: 1 }), from: "someone-else-someone-1" };
    const rows = messageRows(layOutRows(runOf(forged), [waiting], SELF));
    assert.deepEqual(
      rows.map(({ isOwn }) => isOwn),
      [false, true],
    );
  });

  test("[PAGE-7] a time that no calendar has is shown as one that it has", () => {
    const odd = { ...sampleMessage(1), at: 1e300 };
    assert.doesNotThrow(() =>
      new Date(messageRows(layOutRows(runOf(odd), [], SELF))[0]?.at ?? 0).toISOString(),
    );
  });
});
