import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { textParts } from "./text-parts.ts";

function links(text: string): string[] {
  return textParts(text).flatMap((part) => (part.kind === "link" ? [part.text] : []));
}

describe("textParts", () => {
  test("[PAGE-7] addresses of the web become links, without the sentence around them", () => {
    assert.deepEqual(links("See https://a.example/x?y=1#z, and (http://b.example/q_(r))."), [
      "https://a.example/x?y=1#z",
      "http://b.example/q_(r)",
    ]);
  });

  test("[PAGE-7] nothing but http and https is a link", () => {
    for (const text of [
      "javascript:alert(1)",
      "data:text/html,<b>",
      "vbscript:x",
      "file:///etc/passwd",
      "xhttps://a.example",
      "//a.example",
      "https://",
      "https:// a.example",
    ]) {
      assert.deepEqual(links(text), [], text);
    }
  });

  test("[PAGE-7] an address that pretends to be another one is left plain", () => {
    assert.deepEqual(links("https://bank.example@evil.example/"), []);
    assert.deepEqual(links("https://a.example/\u202egnp.exe"), ["https://a.example/"]);
  });

  test("[PAGE-7] one text can't hold links without end", () => {
    assert.equal(links("http://a.example ".repeat(500)).length, 100);
  });

  test("[PAGE-7] no character is lost or added, whatever the text", () => {
    const piece = fc.constantFrom(
      "http://",
      "https://",
      "a.b",
      "/",
      ".",
      ",",
      ")",
      "(",
      " ",
      "@",
      "\n",
      "<",
      "é",
      "\u202e",
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join("")),
    );
    fc.assert(
      fc.property(text, (whole) => {
        const parts = textParts(whole);
        assert.equal(parts.map((part) => part.text).join(""), whole);
        for (const part of parts) if (part.kind === "link") assert.match(part.href, /^https?:\/\//);
      }),
    );
  });
});
