import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sampleMessage } from "../test/sample-log.ts";
import { announcement, Announcer } from "./announcer.ts";

describe("announcement", () => {
  test("[PAGE-12] a few arrivals are read out with their authors", () => {
    const words = announcement(
      [sampleMessage(1, { text: "hello" }), { ...sampleMessage(2), body: "plain" }],
      2,
    );
    assert.equal(words, "Ada: hello. Guest: plain");
  });

  test("[PAGE-12] many are only counted", () => {
    assert.equal(announcement([sampleMessage(1), sampleMessage(2)], 40), "40 new messages");
  });

  test("[PAGE-12] what was said last is news again when it is said again", () => {
    const announcer = new Announcer();
    const said: string[] = [];
    announcer.words.subscribe((words) => said.push(words));
    for (let times = 0; times < 3; times++) announcer.say("Ada: yes");
    assert.deepEqual(
      said.map((words) => words.trim()),
      ["", "Ada: yes", "Ada: yes", "Ada: yes"],
    );
  });

  test("[PAGE-12] a long one is cut", () => {
    assert.ok(announcement([sampleMessage(1, { text: "x".repeat(5_000) })], 1).length < 250);
  });
});
