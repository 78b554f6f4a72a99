import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { roomLabel } from "./room-label.ts";

describe("roomLabel", () => {
  test("[BAD-3] a name that can be read is read as it is, in any script", () => {
    for (const name of [
      "lobby",
      "a b",
      "münchen",
      "日本　語",
      "عربی",
      "می\u200cخواهم",
      "क्\u200dष",
      "👩\u200d💻 ❤\ufe0f",
      "a/b",
      "50%",
    ])
      assert.equal(roomLabel(name), name);
  });

  test("[BAD-3] what can't be seen in a name, or turns its line around, is spelt as in its address", () => {
    const spelt = {
      "r\u202eoom": "r%E2%80%AEoom",
      "lob\u200bby": "lob%E2%80%8Bby",
      "lob\u200dby": "lob%E2%80%8Dby",
      "lobby\ufe0f": "lobby%EF%B8%8F",
      "عربی\u200d": "عربی%E2%80%8D",
      "lob\u00adby": "lob%C2%ADby",
      "lobby\u3164": "lobby%E3%85%A4",
      " lobby ": "%20lobby%20",
      "the  lobby": "the%20 lobby",
      "the\u00a0lobby": "the%C2%A0lobby",
      "a\u2028b": "a%E2%80%A8b",
    };
    for (const [name, label] of Object.entries(spelt)) assert.equal(roomLabel(name), label);
  });
});
