import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import fc from "fast-check";
import { newestMatches } from "./newest-matches.ts";
import { SEARCH_TABLES, SearchIndex } from "./search-index.ts";

const T0 = 1_763_000_000_000;
const ROOMS = 12;

describe("the newest matches", () => {
  test("[SEARCH-5] are those of the rooms, the words and the span, in however many rooms one asks", () => {
    const db = new DatabaseSync(":memory:");
    db.exec(SEARCH_TABLES);
    const index = new SearchIndex(db);
    for (let n = 0; n < 240; n++) {
      // Of each room some say tea; the last rooms speak last.
      const text = n % 7 < 3 ? "tea" : "milk";
      index.take(`room-${Math.floor(n / 20)}`, [
        { offset: n + 1, from: "ada", producer: "p", seq: n, at: T0 + n, bodyJson: JSON.stringify(text) },
      ]);
    }
    const all = db.prepare("SELECT id, room, text FROM messages ORDER BY id DESC").all();
    const ids = all.map(({ id }) => Number(id));
    const rooms = Array.from({ length: ROOMS }, (_, index) => index + 1);
    fc.assert(
      fc.property(
        fc.oneof(fc.subarray(rooms, { minLength: 1 }), fc.subarray(rooms, { minLength: 9 })),
        fc.constantFrom(...ids),
        fc.constantFrom(...ids),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 60 }),
        (asked, from, to, max, lookAt) => {
          const wanted = all
            .filter(({ room, text }) => asked.includes(Number(room)) && text === "tea")
            .map(({ id }) => Number(id))
            .filter((id) => id >= from && id < to);
          const found = newestMatches(db, asked, 'body : ("tea")', { from, to }, max, lookAt);
          assert.deepEqual(found, wanted.slice(0, max));
        },
      ),
      { numRuns: 300 },
    );
    db.close();
  });
});
