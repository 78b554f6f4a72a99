import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), "utf8");
const chat = read("chat.html");

/** A module of the page, which has no types where Node's tests run. */
async function pageModule<T>(name: string): Promise<T> {
  return (await import(new URL(name, import.meta.url).href)) as T;
}

describe("chat.html", () => {
  test("[TUTOR-1] is at most 40 lines of HTML and script, without a library", () => {
    assert.ok(chat.split("\n").length <= 40, `${chat.split("\n").length} lines`);
    assert.doesNotMatch(chat, /<script[^>]+src|\bimport\b/);
    for (const line of chat.split("\n")) assert.ok(line.length <= 120, line);
  });

  test("[TUTOR-1] has the parts that every first WebSocket page has", () => {
    for (const part of [
      "new WebSocket(",
      'id="chatlog"',
      'id="newmsg"',
      'id="sendmsg"',
      '"WebSocket" in window',
    ]) {
      assert.ok(chat.includes(part), part);
    }
    for (const event of ["open", "message", "error", "close"])
      assert.ok(chat.includes(`socket.on${event} =`));
  });

  test("[TUTOR-1] shows what strangers wrote as text, never as markup", () => {
    assert.doesNotMatch(chat, /innerHTML|insertAdjacentHTML|document\.write|eval/);
  });
});

describe("the steps", () => {
  test("[TUTOR-2] mark only lines that stand in chat.html, each mark clearly", async () => {
    const { markedLines } = await pageModule<{
      markedLines: (lines: readonly string[], marks: string) => ReadonlySet<number>;
    }>("marked-lines.js");
    const lines = chat.trimEnd().split("\n");
    const steps = [...read("index.html").matchAll(/data-code=(["'])([\s\S]*?)\1/g)].map(([, , marks = ""]) =>
      marks.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">"),
    );
    assert.equal(steps.length, 7);
    for (const marks of steps.slice(0, 5)) assert.ok(markedLines(lines, marks).size >= 1, marks);
    assert.equal(markedLines(lines, steps[5] ?? "missing").size, 0);
    assert.deepEqual(
      [...markedLines(lines, steps[6] ?? "missing")].map((index) => lines[index]),
      ["<script>"],
    );
    assert.throws(() => markedLines(lines, "nowhere"), /no line with nowhere/);
    assert.throws(() => markedLines(["a", "a"], "a"), /several lines with a/);
    assert.deepEqual([...markedLines(["a", "b", "c", "d"], "b … c ;; a")], [1, 2, 0]);
  });
});
