import assert from "node:assert/strict";
import { test } from "node:test";
import { faultText, stderrLogger } from "./logger.ts";

test("whatever is thrown becomes one line of bounded length", () => {
  assert.equal(faultText(new TypeError("a\nb\r\n  c")), "TypeError: a b c");
  assert.equal(faultText("plain"), "plain");
  assert.equal(faultText(undefined), "undefined");
  assert.equal(faultText(Object.create(null)), "a thrown object");
  assert.equal(faultText(new Error("x".repeat(5_000))).length, 500);
});

test("a secret in what is thrown is left out, a long one whole", () => {
  const long = "eyJ".repeat(1_000);
  const fault = new Error(`no token: ${long}, nor ${long.slice(0, 9)}; a word`);
  assert.equal(
    faultText(fault, [long, long.slice(0, 9), "a"]),
    "Error: no token: [hidden], nor [hidden]; a word",
  );
});

test("a line of the log is one line of JSON, whatever it says", (t) => {
  const lines: string[] = [];
  t.mock.method(process.stderr, "write", (line: string) => lines.push(line) > 0);
  stderrLogger.warn("Two\nlines.", { room: 'a"b' });
  stderrLogger.error("No fields.");
  stderrLogger.info("Not written.");
  t.mock.reset();
  assert.equal(lines.length, 2);
  assert.ok(lines.every((line) => line.indexOf("\n") === line.length - 1));
  assert.deepEqual(JSON.parse(lines[0] ?? ""), { level: "warn", message: "Two\nlines.", room: 'a"b' });
});
