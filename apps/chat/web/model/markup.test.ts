import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { highlight } from "./highlight.ts";
import { readMarkup } from "./markup.ts";
import { type Inline, MAX_MARKED_CHARACTERS, mayHaveMarkup } from "./markup-tree.ts";
import { mentionPieces } from "./mentions.ts";

const text = (said: string): { kind: "text"; text: string } => ({ kind: "text", text: said });
const paragraph = (...children: unknown[]): unknown => ({ kind: "paragraph", children });

describe("the markup of messages", () => {
  test("[MSG-6] bold, italic, struck out, code and links are read; lines and paragraphs stay", () => {
    assert.deepEqual(readMarkup("a **b _c_** ~~d~~ `e*f*`\nnext [g](https://h.example/x)\n\nlast"), [
      paragraph(
        text("a "),
        { kind: "strong", children: [text("b "), { kind: "em", children: [text("c")] }] },
        text(" "),
        { kind: "del", children: [text("d")] },
        text(" "),
        { kind: "code", text: "e*f*" },
        text("\nnext "),
        { kind: "link", href: "https://h.example/x", children: [text("g")] },
      ),
      paragraph(text("last")),
    ]);
  });

  test("[MSG-6] lists, quotes and blocks of code are read, one in another", () => {
    assert.deepEqual(readMarkup("> - a\n> - b\n\n3. c\n\n```TS hint\nlet d;\n```"), [
      {
        kind: "quote",
        children: [{ kind: "list", start: null, items: [[paragraph(text("a"))], [paragraph(text("b"))]] }],
      },
      { kind: "list", start: 3, items: [[paragraph(text("c"))]] },
      { kind: "code", text: "let d;", language: "ts" },
    ]);
  });

  test("[MSG-6] what is no markup here stays text: HTML, pictures, headings, unsafe and misread addresses", () => {
    for (const said of [
      "<img src=x onerror=alert(1)>",
      "# not a heading",
      "[a](javascript:alert(1))",
      "[a](data:text/html,x)",
      "[a](https://bank.example@elsewhere.example)",
      "<javascript:alert(1)>",
      "a\\_b",
    ]) {
      const [first, ...others] = readMarkup(said);
      assert.deepEqual([first, others], [paragraph(text(said.replace("\\_", "_"))), []], said);
    }
    const [picture] = readMarkup("![a](https://b.example/c.png)");
    assert.deepEqual(
      picture,
      paragraph(text("!"), { kind: "link", href: "https://b.example/c.png", children: [text("a")] }),
    );
    // A link to nowhere must not be the end of everybody's page.
    for (const nowhere of ["[a]()", "see [*a* b]() there"])
      assert.doesNotMatch(JSON.stringify(readMarkup(nowhere)), /"kind":"link"/, nowhere);
    assert.deepEqual(readMarkup("[a]()"), [
      { kind: "paragraph", children: [{ kind: "text", text: "[a]()" }] },
    ]);
  });

  test("[MSG-6] the worst texts of the greatest length that is read are read at all, and longer ones are not", () => {
    const fill = (part: string): string => part.repeat(MAX_MARKED_CHARACTERS / part.length);
    for (const part of ["*", "> ", "[", "1. ", "[[a]][", "*_*_", "`a``"]) {
      assert.ok(readMarkup(fill(part)).length > 0, part);
    }
    assert.equal(mayHaveMarkup(fill("*")), true);
    assert.equal(mayHaveMarkup(`${fill("*")}*`), false);
    for (const plain of ["hello", "2 > 1.5, really", "a - b", "5.5 miles", "#room"]) {
      assert.equal(mayHaveMarkup(plain), false, plain);
    }
  });

  test("[MSG-6] spans in one another beyond a dozen are text, as they were written, and what is behind them is read", () => {
    const depth = (inlines: readonly Inline[]): number =>
      Math.max(0, ...inlines.map((each) => ("children" in each ? 1 + depth(each.children) : 0)));
    const words = (inlines: readonly Inline[]): string =>
      inlines.map((each) => ("children" in each ? words(each.children) : each.text)).join("");
    for (const mark of ["*", "_", "**"]) {
      const [block] = readMarkup(`${mark.repeat(1_000)}a${mark.repeat(1_000)} and [b](https://c.example)`);
      assert.ok(block?.kind === "paragraph");
      assert.ok(depth(block.children) <= 12, `${depth(block.children)}`);
      const said = words(block.children);
      const [before = "", after = ""] = said.split("a", 2);
      assert.ok(before.length >= 1_000 - 2 * 12 && after.startsWith(before), said);
      assert.equal(block.children.at(-1)?.kind, "link");
    }
    const [shallow] = readMarkup("***~~a~~***");
    assert.ok(shallow?.kind === "paragraph");
    assert.equal(depth(shallow.children), 3);
  });

  test("[MSG-6] code is cut by what it is in a known language, and left as it is in another", () => {
    const flat = (parts: ReturnType<typeof highlight>): string =>
      (parts ?? []).map((part) => (typeof part === "string" ? part : flat(part.children))).join("");
    const code = 'const a = "<b>"; // c';
    const parts = highlight(code, "ts");
    assert.equal(flat(parts), code);
    const scopes = (parts ?? []).flatMap((part) => (typeof part === "string" ? [] : [part.scope]));
    assert.deepEqual(scopes, ["keyword", "string", "comment"]);
    assert.equal(highlight(code, "klingon"), null);
    assert.equal(highlight("a".repeat(8_001), "ts"), null);
  });
});

describe("mentions in a text", () => {
  test("[MSG-8] the reader's own name and others' are found, not the middle of a word or an address", () => {
    assert.deepEqual(mentionPieces("@grace hopper and @Bob: mail a@b.example", "Grace Hopper"), [
      { text: "@grace hopper", mention: "me" },
      { text: " and ", mention: null },
      { text: "@Bob", mention: "other" },
      { text: ": mail a@b.example", mention: null },
    ]);
    assert.deepEqual(mentionPieces("@Adam", "Ada"), [{ text: "@Adam", mention: "other" }]);
    assert.deepEqual(mentionPieces("none", "Ada"), [{ text: "none", mention: null }]);
  });

  test("[MSG-8] of a text that is eight times as long with as many more mentions the reading takes no more than in proportion", () => {
    const timeOf = (said: string): number => {
      const startedAt = performance.now();
      mentionPieces(said, "Ada");
      return performance.now() - startedAt;
    };
    const best = (said: string): number => Math.min(...Array.from({ length: 5 }, () => timeOf(said)));
    for (const part of ["@Ada.", "@Bob "]) {
      best(part.repeat(1_000));
      const [short, long] = [best(part.repeat(1_600)), best(part.repeat(12_800))];
      // Where each was compared with each it was 64 times as long.
      assert.ok(long < 28 * short + 5, `${part} ${short} ms, ${long} ms`);
    }
  });
});
