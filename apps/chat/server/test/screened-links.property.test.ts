import assert from "node:assert/strict";
import { test } from "node:test";
import { hasLink } from "@parlor/moderation";
import fc from "fast-check";
import { readMarkup } from "../../web/model/markup.ts";
import { textParts } from "../../web/model/text-parts.ts";

const SITE = "spam.example";
const WRITTEN = [
  `https://${SITE}`,
  `hello\nhttps://${SITE}`,
  `hello\thttps://${SITE}`,
  `_https://${SITE}_`,
  `[here](https:${SITE})`,
  `[here](https:/${SITE})`,
  `[here](https:\\/\\/${SITE})`,
  `[here](&#104;ttps://${SITE})`,
  `<https:${SITE}>`,
  `**HTTP://${SITE}**`,
];
const PIECES = [
  ..."_*[]()<>\\/:&#; \n\tx".split(""),
  "https",
  "http",
  "://",
  SITE,
  "[a](",
  "&#58;",
  "&colon;",
  "&#104;",
];

/** Whether the chat page shows a link in it, by its markup or as it is. */
function showsLink(text: string): boolean {
  const plain = (one: string): boolean => textParts(one).some(({ kind }) => kind === "link");
  const inText = (node: unknown): boolean => {
    if (typeof node !== "object" || node === null) return false;
    const { kind, text: own } = node as { kind?: unknown; text?: unknown };
    if (kind === "link" || (kind === "text" && typeof own === "string" && plain(own))) return true;
    return Object.values(node).some(inText);
  };
  return plain(text) || readMarkup(text).some(inText);
}

test("[MOD-16] whatever the page shows a link in is held as a message with a link, however it is written", () => {
  for (const text of WRITTEN) {
    assert.equal(showsLink(text), true, text);
    assert.equal(hasLink(JSON.stringify({ text })), true, text);
  }
  const texts = fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(texts, (text) => !showsLink(text) || hasLink(JSON.stringify({ text, name: "Cy" }))),
    { numRuns: 3_000 },
  );
  for (const text of ["no link", "Awww. How nice", "at 10:30 (or so)", "a\\b", "[a] (b)"])
    assert.equal(hasLink(JSON.stringify({ text })), false, text);
});
