import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { HistoryPageFrame, Message } from "@parlor/protocol";
import { readForward } from "./forward-reader.ts";

/** A room whose pages end early at `pageMessages`, as they do at a number of bytes. */
function pagesOf(offsets: readonly number[], earliest: number, pageMessages: number) {
  return async ({ before, limit }: { before: number; limit: number }): Promise<HistoryPageFrame> => {
    assert.ok(limit >= 1 && limit <= 500);
    const older = offsets.filter((offset) => offset >= earliest && offset < before);
    const messages = older
      .slice(-Math.min(limit, pageMessages))
      .map((offset): Message => ({ offset, from: "a", producer: "p", seq: 1, at: 0, body: null }));
    const more = messages.length < older.length;
    return { type: "history", id: 1, room: "a", epoch: "e1", earliest, messages, more };
  };
}

async function collect(items: ReturnType<typeof readForward>): Promise<(number | string | object)[]> {
  const found: (number | string | object)[] = [];
  for await (const item of items)
    found.push("message" in item ? item.message.offset : "lost" in item ? item.lost : item.failure.code);
  return found;
}

describe("readForward", () => {
  test("[CLIENT-26] it reads every message of the stretch once and in order, however sparse the offsets and short the pages", async () => {
    const room = fc
      .array(fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 5_000 })), { minLength: 1, maxLength: 300 })
      .map((steps) => {
        let offset = 0;
        return steps.map((step) => (offset += step));
      });
    await fc.assert(
      fc.asyncProperty(
        room,
        fc.nat(),
        fc.integer({ min: 1, max: 600 }),
        async (offsets, start, pageMessages) => {
          const head = offsets.at(-1) as number;
          const after = start % (head + 1);
          const read = await collect(readForward(pagesOf(offsets, 1, pageMessages), "e1", after, head));
          assert.deepEqual(
            read,
            offsets.filter((offset) => offset > after),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  test("[CLIENT-26] what was trimmed meanwhile is told before what is left", async () => {
    const offsets = Array.from({ length: 20 }, (_, i) => i + 1);
    const read = await collect(readForward(pagesOf(offsets, 11, 500), "e1", 3, 20));
    assert.deepEqual(read, [{ from: 4, to: 10 }, ...offsets.slice(10)]);
  });

  test("[CLIENT-26] another epoch ends it, and a server that lags behind is an error, not an end", async () => {
    assert.deepEqual(await collect(readForward(pagesOf([1, 2], 1, 500), "e0", 0, 2)), []);
    assert.deepEqual(await collect(readForward(pagesOf([1, 2], 1, 500), "e1", 2, 4)), ["unavailable"]);
  });
});
