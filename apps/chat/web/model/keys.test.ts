import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { keyMeaning, type Press } from "./keys.ts";

function press(key: string, ...held: readonly ("alt" | "ctrl" | "meta" | "shift")[]): Press {
  const is = (name: (typeof held)[number]): boolean => held.includes(name);
  return { key, altKey: is("alt"), ctrlKey: is("ctrl"), metaKey: is("meta"), shiftKey: is("shift") };
}

describe("keyMeaning", () => {
  test("[A11Y-1] what writes a character is the writer's", () => {
    for (const key of ["?", "a", "Escape", "Enter", "ArrowUp"])
      assert.equal(keyMeaning(press(key), true), null);
    assert.deepEqual(keyMeaning(press("?", "shift"), false), { kind: "help" });
    assert.deepEqual([keyMeaning(press("/"), true), keyMeaning(press("/"), false)], [null, { kind: "find" }]);
    assert.equal(keyMeaning(press("k", "ctrl", "alt"), true), null);
  });

  test("[A11Y-1] the others mean the same wherever the focus is", () => {
    for (const isTyping of [true, false]) {
      assert.deepEqual(keyMeaning(press("F6", "shift"), isTyping), { kind: "region", step: -1 });
      assert.deepEqual(keyMeaning(press("K", "meta"), isTyping), { kind: "search" });
      assert.deepEqual(keyMeaning(press("/", "ctrl"), isTyping), { kind: "help" });
      const next = { kind: "room", step: 1, isUnread: true };
      assert.deepEqual(keyMeaning(press("ArrowDown", "alt", "shift"), isTyping), next);
    }
  });
});
