import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StatementSync } from "node:sqlite";
import { test } from "node:test";
import { appendOf } from "@parlor/testkit";
import { SqliteLog } from "../sqlite-log.ts";
import { openConnection } from "./open-database.ts";
import { unpackMessages } from "./page-columns.ts";
import { Reader } from "./reader.ts";

test("[LOG-72] what was said about a page costs a look for each message that something was said of, and not for each message of it", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "parlor-reader-"));
  const log = await SqliteLog.open({ folder });
  t.after(() => rm(folder, { recursive: true, force: true }));
  const about = new Map([
    [502, 3],
    [503, 250],
    [504, 3],
    [505, 500],
    [506, 501],
  ]);
  await Promise.all(
    Array.from({ length: 506 }, (_, i) => log.append(appendOf("lobby", i + 1, { re: about.get(i + 1) }))),
  );
  await log.close();
  const db = openConnection(join(folder, "parlor.db"));
  t.after(() => db.close());
  const reader = new Reader(db);
  const gets = t.mock.method(StatementSync.prototype, "get");
  const alls = t.mock.method(StatementSync.prototype, "all");
  const ask = (offsets: readonly number[]): readonly number[] => {
    const bounds = { maxMessages: 2_000, maxBytes: Infinity };
    const answer = reader.answer({ kind: "related", room: "lobby", offsets, perMessage: 100, bounds });
    assert.equal(answer.kind, "messages");
    return unpackMessages(answer.messages).map(({ offset }) => offset);
  };
  const upTo = (end: number): number[] => Array.from({ length: end }, (_, i) => i + 1);
  assert.deepEqual(ask(upTo(500)), [502, 503, 504, 505]);
  // The room, four places where something may be, and the four messages; of three offsets all that is about them.
  assert.deepEqual([gets.mock.callCount() <= 9, alls.mock.callCount()], [true, 3]);
  assert.deepEqual(ask(upTo(2)), []);
  assert.deepEqual(ask([501, 7, 250]), [503, 506]);
  assert.deepEqual(ask([600]), []);
  assert.equal(alls.mock.callCount(), 5, "nothing more where there is nothing");
});
