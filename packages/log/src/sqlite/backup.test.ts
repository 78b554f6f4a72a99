import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { DatabaseSync } from "node:sqlite";
import { appendOf, fill } from "@parlor/testkit";
import { SqliteLog } from "../sqlite-log.ts";
import { backupLog } from "./backup.ts";

/** Above one step of a copy, several times. */
const MESSAGES = 800;
const BODY = JSON.stringify("m".repeat(60_000));
/** As many words of progress as a copy that begins anew again and again would have long come to. */
const MANY_STEPS = 30;

describe("a backup", () => {
  test("[CMD-1] comes to its end however much is written meanwhile, and is of the moment at which it began", async () => {
    const folder = await mkdtemp(join(tmpdir(), "parlor-backup-"));
    const log = await SqliteLog.open({ folder });
    try {
      await fill(log, "lobby", MESSAGES, () => ({ bodyJson: BODY }));
      let isCopying = true;
      let written = 0;
      const writing = (async () => {
        while (isCopying) await log.append(appendOf("busy", ++written));
      })();
      const copy = join(folder, "copy");
      let steps = 0;
      let writtenAtFirst = 0;
      await backupLog(folder, copy, () => {
        steps += 1;
        if (steps === 1) writtenAtFirst = written;
        assert.ok(steps < MANY_STEPS, "it begins anew at each write");
      }).finally(() => {
        isCopying = false;
      });
      await writing;
      assert.ok(steps >= 2, `${steps} steps`);
      assert.ok(written > writtenAtFirst, "nothing was written between its steps");
      const db = new DatabaseSync(copy, { readOnly: true });
      const { count } = db.prepare("SELECT count(*) AS count FROM messages").get() as { count: number };
      db.close();
      assert.ok(count >= MESSAGES && count <= MESSAGES + writtenAtFirst, `${count} messages`);
    } finally {
      await log.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
