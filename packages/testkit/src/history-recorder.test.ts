import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { Message, ServerFrame } from "@parlor/protocol";
import { checkHistory } from "./history-checker.ts";
import { HistoryRecorder, readHistory } from "./history-recorder.ts";

const room = "lobby";
const message = (offset: number, seq: number): Message => ({
  offset,
  from: "ada",
  producer: "producer-1",
  seq,
  at: 1,
  body: { n: seq },
});
const subscribed = (after: number): ServerFrame => ({
  type: "subscribed",
  room,
  epoch: "e",
  after,
  head: 2,
  earliest: 1,
  lost: null,
  skipped: null,
});

/** Two publishes by one party, seen by another one that comes back in between. */
function record(recorder: HistoryRecorder): void {
  const writer = recorder.party("writer");
  writer.sent({ type: "hello", version: 1, producer: "producer-1" });
  for (const seq of [1, 2]) writer.sent({ type: "publish", room, seq, body: { n: seq } });
  writer.received({ type: "ack", room, seq: 1, offset: 1 });
  writer.received({ type: "ack", room, seq: 2, offset: 2 });
  const reader = recorder.party("reader");
  reader.sent({ type: "subscribe", room, last: 0 });
  reader.received(subscribed(0));
  reader.received({ type: "messages", room, after: 0, messages: [message(1, 1)] });
  assert.deepEqual(reader.cursor(room), { epoch: "e", offset: 1 });
  reader.sent({ type: "subscribe", room, epoch: "e", after: 1 });
  reader.received(subscribed(1));
  reader.received({ type: "messages", room, after: 1, messages: [message(2, 2)] });
  recorder.addLog(room, "e", 1, [message(1, 1), { ...message(2, 2), body: null, redacted: true }]);
}

describe("HistoryRecorder", () => {
  test("what it records of a right run is found right", () => {
    const recorder = new HistoryRecorder();
    record(recorder);
    assert.deepEqual(checkHistory(recorder.events, { settled: true }), []);
  });

  test("a permanent refusal is a failure, a temporary one is nothing yet", () => {
    const recorder = new HistoryRecorder();
    const party = recorder.party("p");
    party.received({ type: "refused", room, seq: 1, code: "rate-limited", message: "" });
    assert.equal(recorder.events.length, 0);
    party.received({ type: "refused", room, seq: 1, code: "forbidden", message: "" });
    party.gaveUp(room, 2);
    assert.deepEqual(
      recorder.events.map((event) => event.kind === "publish" && event.outcome),
      ["fail", "info"],
    );
  });

  test("a party that joins anew left before", () => {
    const recorder = new HistoryRecorder();
    record(recorder);
    const party = recorder.party("again");
    party.received(subscribed(2));
    party.sent({ type: "subscribe", room, last: 50 });
    party.received(subscribed(0));
    party.received({ type: "messages", room, after: 0, messages: [message(1, 1), message(2, 2)] });
    assert.deepEqual(checkHistory(recorder.events, { settled: true }), []);
  });

  test("what it writes to a file is read back, without a line that was cut", () => {
    const folder = mkdtempSync(join(tmpdir(), "parlor-history-"));
    try {
      const file = join(folder, "history.jsonl");
      const recorder = new HistoryRecorder(file);
      record(recorder);
      appendFileSync(file, '{"kind":"publ');
      assert.deepEqual(readHistory(file), recorder.events);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
