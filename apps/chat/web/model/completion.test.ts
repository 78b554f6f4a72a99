import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { callable, completed, unfinished } from "./completion.ts";
import { findEmoji, withEmoji } from "./emoji.ts";
import { isEmoji } from "./entries.ts";

const at = (text: string): [string, string, number] | null => {
  const found = unfinished(text, text.length);
  return found === null ? null : [found.kind, found.typed, found.at];
};

describe("completion", () => {
  test("[MSG-8] a name is begun by @ at the start of a word, and an emoji by a colon and two letters", () => {
    assert.deepEqual(at("@"), ["mention", "", 0]);
    assert.deepEqual(at("so @Grace H"), ["mention", "Grace H", 3]);
    assert.deepEqual(at("(@a"), ["mention", "a", 1]);
    assert.deepEqual(at("yes :ro"), ["emoji", "ro", 4]);
    assert.deepEqual(at("yes:+1"), null);
    for (const none of ["", "mail@a", "10:30", "at 10:3", "::", ": a", "@a\nb", "http://a"]) {
      assert.equal(at(none), null, none);
    }
    assert.equal(unfinished("@ada and more", 4)?.typed, "ada");
  });

  test("[MSG-8] who is meant is found by a word of their name, two of one name by their tags, and put in its place", () => {
    const people = [
      { identity: "1", name: "Grace Hopper", tag: "aaaa" },
      { identity: "2", name: "Ada", tag: "bbbb" },
      { identity: "3", name: "Ada", tag: "cccc" },
    ];
    assert.deepEqual(
      callable(people, "ad").map(({ key, sign }) => [key, sign]),
      [
        ["2", "bbbb"],
        ["3", "cccc"],
      ],
    );
    assert.deepEqual(
      callable(people, "hop").map(({ text }) => text),
      ["@Grace Hopper "],
    );
    const begun = unfinished("hi @hop there", 7);
    assert.ok(begun !== null);
    assert.deepEqual(completed("hi @hop there", 7, begun, "@Grace Hopper"), {
      text: "hi @Grace Hopper there",
      caret: 16,
    });
  });

  test("[MSG-7] emoji are found by name, and every one that is found can be a reaction", () => {
    assert.equal(findEmoji("tada", 6)[0]?.emoji, "🎉");
    assert.equal(findEmoji("+1", 6)[0]?.emoji, "👍");
    assert.equal(findEmoji("heart", 6)[0]?.emoji, "❤️");
    assert.deepEqual(findEmoji("no such emoji", 6), []);
    const all = findEmoji("", 10_000);
    assert.ok(all.length > 1_500);
    assert.ok(all.every(({ emoji }) => isEmoji(emoji)));
  });

  test("[MSG-7] a name between colons becomes its emoji, but not in code, nor in a word that is none", () => {
    assert.equal(withEmoji(":tada: at 10:30:00 :nope: :+1:"), "🎉 at 10:30:00 :nope: 👍");
    assert.equal(withEmoji("`:tada:` :tada:\n```\n:tada:\n``` :tada:"), "`:tada:` 🎉\n```\n:tada:\n``` 🎉");
  });
});
