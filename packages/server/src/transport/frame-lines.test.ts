import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { frameLines } from "./frame-lines.ts";

describe("frameLines", () => {
  test("[SEND-15] gives every line that is not blank, whatever ends it", () => {
    assert.deepEqual([...frameLines("")], []);
    assert.deepEqual([...frameLines("\n \r\n\t\n")], []);
    assert.deepEqual([...frameLines('{"a":1}')], ['{"a":1}']);
    assert.deepEqual(
      [...frameLines("a\r\nb\n\nc\n")],
      ["a\r", "b", "c"],
      "JSON passes over a carriage return",
    );
    assert.deepEqual([...frameLines("a\u2028b\u0085c")], ["a\u2028b\u0085c"], "only a line feed ends a line");
  });

  test("[SEND-15] gives what any JSON was written as, one a line", () => {
    fc.assert(
      fc.property(fc.array(fc.json()), fc.constantFrom("\n", "\r\n", "\n\n"), (frames, end) => {
        const lines = [...frameLines(frames.join(end))];
        assert.deepEqual(
          lines.map((line) => JSON.parse(line) as unknown),
          frames.map((frame) => JSON.parse(frame) as unknown),
        );
      }),
    );
  });

  test("[SEND-15] reads no further than it is asked", () => {
    const text = `first\n${"\n".repeat(2_000_000)}`;
    // The best of a few tries of each, as a ratio: a busy machine slows both.
    const bestMs = (work: () => void): number =>
      Math.min(
        ...Array.from({ length: 5 }, () => {
          const startedMs = performance.now();
          work();
          return performance.now() - startedMs;
        }),
      );
    const firstMs = bestMs(() => assert.equal(frameLines(text).next().value, "first"));
    const allMs = bestMs(() => assert.equal([...frameLines(text)].length, 1));
    assert.ok(firstMs < allMs / 10, `${firstMs} ms for the first, ${allMs} ms for all`);
  });
});
