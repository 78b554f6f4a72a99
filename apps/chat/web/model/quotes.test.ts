import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { HistoryPageFrame } from "@parlor/protocol";
import { SampleLog } from "../test/sample-log.ts";
import { Quotes } from "./quotes.ts";

/** Lets what was asked be answered. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("quotes", () => {
  test("[MSG-9] a message that is not shown is read once, with what was said of it since; what is none is told as gone", async () => {
    const log = new SampleLog();
    log.append(5);
    log.append(1, 1, 2);
    const asked: unknown[] = [];
    const folded: HistoryPageFrame[] = [];
    const history = (query: { before?: number; limit?: number }): Promise<HistoryPageFrame> => {
      asked.push(query);
      return query.before === 5
        ? Promise.reject(new Error("closed"))
        : Promise.resolve(log.page(query.before ?? 0, 1));
    };
    const quotes = new Quotes({ history } as ConstructorParameters<typeof Quotes>[0], (_before, page) =>
      folded.push(page),
    );
    for (let n = 0; n < 3; n++) assert.equal(quotes.get(2), "reading");
    await settle();
    const quoted = quotes.get(2);
    assert.equal(typeof quoted === "object" && quoted.offset, 2);
    assert.deepEqual(asked, [{ before: 3, limit: 1, related: true }]);
    assert.equal(folded.length, 1);
    // One that could not be read, one that is about another, and one that never was.
    for (const offset of [4, 6, 99]) quotes.get(offset);
    await settle();
    assert.deepEqual(
      [4, 6, 99].map((offset) => quotes.get(offset)),
      ["gone", "gone", "gone"],
    );
    for (let offset = 1_000; offset < 1_300; offset++) quotes.get(offset);
    await settle();
    assert.equal(quotes.get(2), "reading", "no more than two hundred are kept");
  });
});
