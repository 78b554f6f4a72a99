import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { htmlText } from "./html-text.ts";

const BACK: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };

// oxlint-disable-next-line no-control-regex -- that none is shown is the point
const UNSHOWN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

describe("text in HTML", () => {
  test("[LIVE-4] no text leaves its place, and each comes back as it was written", () => {
    const hostile = fc.string({
      unit: fc.constantFrom("&", "<", ">", '"', "'", "a", ";", "lt", "#39", "\n", "é"),
    });
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string({ unit: "grapheme" })), (text) => {
        const html = htmlText(text);
        assert.doesNotMatch(html, /[<>"']/);
        assert.doesNotMatch(html, UNSHOWN);
        const back = html.replace(/&(amp|lt|gt|quot|#39);/g, (_all, name: string) => BACK[name] ?? "");
        assert.equal(back, text.replace(/\r\n?/g, "\n").replaceAll(UNSHOWN, "\ufffd"));
      }),
    );
  });
});
