import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { newestMatches } from "./newest-matches.ts";
import { SEARCH_TABLES, SearchIndex } from "./search-index.ts";

const T0 = 1_763_000_000_000;

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
    const [first, last] = [Number(all[180]?.["id"]), Number(all[30]?.["id"])];
    const spans = [
      { from: 0, to: Number.MAX_SAFE_INTEGER },
      { from: first, to: last },
      { from: last, to: first },
    ];
    for (const many of [1, 8, 9, 11, 12]) {
      // The first rooms spoke first: what is newest is of others.
      const rooms = Array.from({ length: many }, (_, nth) => index.roomId(`room-${nth}`) ?? 0);
      for (const span of spans) {
        const wanted = all
          .filter(({ room, text }) => rooms.includes(Number(room)) && text === "tea")
          .map(({ id }) => Number(id))
          .filter((id) => id >= span.from && id < span.to);
        for (const max of [1, 20, 200]) {
          for (const lookAt of [1, 10, 50, 1_000]) {
            const found = newestMatches(db, rooms, 'body : ("tea")', span, max, lookAt);
            const ids = found.map(({ id }) => id);
            assert.deepEqual(ids, wanted.slice(0, max), JSON.stringify({ many, span, max, lookAt }));
          }
        }
      }
    }
    db.close();
  });
});
