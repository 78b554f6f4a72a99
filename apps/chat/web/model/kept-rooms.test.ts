import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SampleLog, sampleMessage } from "../test/sample-log.ts";
import { toKeep } from "./kept-rooms.ts";
import { EMPTY_TIMELINE, foldTimeline, type Timeline } from "./timeline.ts";

function shown(log: SampleLog): Timeline {
  const begun = foldTimeline(EMPTY_TIMELINE, { kind: "subscribed", frame: log.subscribed(0) });
  return foldTimeline(begun, { kind: "messages", messages: log.messages });
}

describe("what is kept of a room", () => {
  test("[OFFLINE-2] are its newest fifty messages, fewer where they are long, and none that was deleted", () => {
    const log = new SampleLog();
    log.append(80);
    log.messages.push({ ...sampleMessage(81, { re: 60 }), body: { edit: "said better" } });
    log.messages.push({ ...sampleMessage(82, { re: 60 }), body: { delete: true } });
    const kept = toKeep(shown(log));
    assert.deepEqual([kept.live?.from, kept.live?.to, kept.live?.messages.length], [31, 82, 50]);
    const erased = kept.live?.messages.find(({ offset }) => offset === 60);
    assert.deepEqual([erased?.body, erased?.redacted], [null, true]);
    assert.equal(kept.told.has(60), false);
    const long = new SampleLog();
    for (let offset = 1; offset <= 9; offset++)
      long.messages.push(sampleMessage(offset, { text: "x".repeat(60_000) }));
    assert.equal(toKeep(shown(long)).live?.messages.length, 4);
  });

  test("[OFFLINE-3] goes on from what the server tells, with what was changed meanwhile", () => {
    const log = new SampleLog();
    log.append(30);
    const kept = toKeep(shown(log));
    const more = [...log.append(5), { ...sampleMessage(36, { re: 20 }), body: { edit: "better" } }];
    log.messages.push(more.at(-1) ?? sampleMessage(36));
    const frame = log.subscribed(10);
    const back = foldTimeline(foldTimeline(kept, { kind: "subscribed", frame }), {
      kind: "messages",
      messages: log.behind(10),
    });
    assert.deepEqual(
      back.live?.messages.map(({ offset }) => offset),
      shown(log).live?.messages.map(({ offset }) => offset),
    );
    assert.equal(back.told.get(20)?.edits.size, 1);
  });
});
