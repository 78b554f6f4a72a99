import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isMisleading } from "./link-words.ts";

describe("the words of a link", () => {
  test("[BAD-2] that read like another address than the link's are misleading, wherever its host stands in them", () => {
    for (const words of [
      "https://bank.example",
      "bank.example",
      "https://bank.example/evil.example",
      "https://bank.example/?to=https://evil.example/",
      "https://evil.example.bank.example",
      "https://evil.example@bank.example/",
      "https://bank.example@evil.example/",
      "see (www.bank.example), or evil.example",
      "1.2.3.4",
      "",
      " ",
    ]) {
      assert.equal(isMisleading(words, "https://evil.example/path"), true, words);
    }
  });

  test("[BAD-2] that say the link's own host, or no address, are shown as they are", () => {
    for (const words of [
      "here",
      "evil.example",
      "https://evil.example/other",
      "(evil.example).",
      "and so on …",
    ]) {
      assert.equal(isMisleading(words, "https://evil.example/path"), false, words);
    }
  });
});
