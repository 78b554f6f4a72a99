import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { writeBenchText } from "./bench-text.ts";
import { clientTextFrame } from "./client-frame.ts";
import { FrameScanner } from "./frame-scanner.ts";
import { CountingSink, TextSink } from "./sinks.ts";

/** What a server would send: the client's frame without its mask. */
function serverFrame(text: string): Buffer {
  const frame = clientTextFrame(text);
  const keyAt = frame.length - Buffer.byteLength(text) - 4;
  frame[1] = (frame[1] as number) & 0x7f;
  return Buffer.concat([frame.subarray(0, keyAt), frame.subarray(keyAt + 4)]);
}

describe("the load's reading of frames", () => {
  test("every frame is found whole, whatever its size and wherever the bytes are cut", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 300 }),
      fc.integer({ min: 120, max: 70_000 }).map((length) => "y".repeat(length)),
    );
    fc.assert(
      fc.property(
        fc.array(text, { maxLength: 6 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 5_000 })),
        (texts, cuts) => {
          const seen: string[] = [];
          const scanner = new FrameScanner(new TextSink((each) => seen.push(each)));
          const bytes = Buffer.concat(texts.map(serverFrame));
          for (let at = 0; at < bytes.length; ) {
            const size = cuts.next().value;
            scanner.scan(bytes.subarray(at, at + size));
            at += size;
          }
          // An empty frame has no payload to hand on.
          assert.deepEqual(
            seen,
            texts.map((each) => each.toWellFormed()).filter((each) => each !== ""),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  test("messages are counted by their mark, several to a frame, and nothing of a header counts", () => {
    // A payload of 0x7e bytes or of 0x7e00 has the mark in its header.
    const texts = [
      writeBenchText({ publisher: 1, count: 1, dueMs: 1 }, 0x7e),
      writeBenchText({ publisher: 1, count: 2, dueMs: 1 }, 0x7e7e),
      [3, 4, 5].map((count) => writeBenchText({ publisher: 1, count, dueMs: 1 }, 100)).join(","),
      "none",
    ];
    for (const size of [1, 7, 100_000]) {
      const sink = new CountingSink();
      const scanner = new FrameScanner(sink);
      const bytes = Buffer.concat(texts.map(serverFrame));
      for (let at = 0; at < bytes.length; at += size) scanner.scan(bytes.subarray(at, at + size));
      assert.equal(sink.messages, 5);
      assert.equal(sink.frames, 4);
    }
  });
});
