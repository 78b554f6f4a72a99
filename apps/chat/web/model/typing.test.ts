import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { RoomSignals } from "@parlor/client";
import { FakeClock } from "@parlor/testkit";
import { Typing, typingWords } from "./typing.ts";

/** One page, and what it says and hears. */
function page(): {
  clock: FakeClock;
  typing: Typing;
  said: unknown[];
  hear: (from: string, body: unknown) => void;
} {
  const clock = new FakeClock();
  const said: unknown[] = [];
  let listener: (signal: { from: string; body: unknown }) => void = () => {};
  const signals = {
    on: (_name: string, heard: typeof listener) => {
      listener = heard;
      return () => {};
    },
    signal: (body: unknown) => said.push(body) > 0,
  } as unknown as RoomSignals;
  return {
    clock,
    typing: new Typing({ signals, clock, self: () => "me" }),
    said,
    hear: (from, body) => listener({ from, body }),
  };
}

describe("typing", () => {
  test("[MSG-10] is said now and then while somebody writes, once when they rest, and not at all to many", () => {
    const { clock, typing, said } = page();
    typing.rest();
    for (let ms = 0; ms < 7_000; ms += 100) {
      typing.write("Ada", 2);
      clock.advance(100);
    }
    typing.rest();
    typing.rest();
    const isTyping = { typing: true, name: "Ada" };
    assert.deepEqual(said, [isTyping, isTyping, isTyping, { typing: false }]);
    typing.write("Ada", 101);
    assert.equal(said.length, 4);
  });

  test("[MSG-10] is forgotten when it is over, when the message comes, and when nothing more is heard", () => {
    const { clock, typing, hear } = page();
    hear("me", { typing: true, name: "Ada" });
    assert.equal(typing.words.value, "");
    hear("ada", { typing: true, name: "Ada" });
    hear("bob", { typing: true, name: 7 });
    assert.equal(typing.words.value, "Ada and Guest are typing…");
    hear("ada", { typing: false });
    assert.equal(typing.words.value, "Guest is typing…");
    hear("eve", { typing: true, name: "Eve" });
    typing.heard("eve");
    for (const other of [null, "typing", { typing: "yes" }, {}]) hear("mallory", other);
    assert.equal(typing.words.value, "Guest is typing…");
    clock.advance(6_000);
    hear("ada", { typing: true, name: "Ada" });
    clock.advance(1_500);
    assert.equal(typing.words.value, "Ada is typing…");
    clock.advance(10_000);
    assert.equal(typing.words.value, "");
  });

  test("[MSG-10] of many the number is not told, and no more than twenty are remembered", () => {
    assert.equal(typingWords(["A", "B", "C"]), "A, B and C are typing…");
    assert.equal(typingWords(["A", "B", "C", "D"]), "Several people are typing…");
    const { typing, hear } = page();
    for (let n = 0; n < 500; n++) hear(`person ${n}`, { typing: true, name: `${n}` });
    for (let n = 0; n < 19; n++) hear(`person ${n}`, { typing: false });
    assert.equal(typing.words.value, "19 is typing…");
  });
});
