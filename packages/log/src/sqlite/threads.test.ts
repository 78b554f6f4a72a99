import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, test } from "node:test";
import workerThreads, { type Worker } from "node:worker_threads";
import { appendOf, fill } from "@parlor/testkit";
import { SqliteLog } from "../sqlite-log.ts";

const WORKERS = { writer: 0, reader: 1, checkpoint: 2 };

/** Opens a log and lays hold of its threads, in the order in which it starts them. */
async function openWithThreads(folder: string): Promise<{ log: SqliteLog; threads: Worker[] }> {
  const Original = workerThreads.Worker;
  const threads: Worker[] = [];
  workerThreads.Worker = class extends Original {
    constructor(...args: ConstructorParameters<typeof Original>) {
      super(...args);
      threads.push(this);
    }
  };
  syncBuiltinESMExports();
  try {
    return { log: await SqliteLog.open({ folder }), threads };
  } finally {
    workerThreads.Worker = Original;
    syncBuiltinESMExports();
  }
}

describe("the log's threads", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "parlor-threads-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  for (const [name, index] of Object.entries(WORKERS)) {
    test(`[LOG-41] when the ${name} thread dies, the log has failed and acknowledges nothing any more`, async () => {
      const { log, threads } = await openWithThreads(folder);
      await fill(log, "lobby", 5);
      const failed = new Promise<string>((resolve) => {
        log.onStatus((status) => resolve(status.kind === "failed" ? status.message : status.kind));
      });
      const read = log.head("lobby").catch((error: unknown) => error);
      const pending = log.append(appendOf("lobby", 6)).catch((error: unknown) => error);
      await threads[index]?.terminate();
      assert.match(await failed, new RegExp(`${name} thread died`));
      await read;
      const outcome = await pending;
      assert.ok(
        outcome instanceof Error || (typeof outcome === "object" && outcome !== null && "offset" in outcome),
      );
      await assert.rejects(log.append(appendOf("lobby", 7)), { code: "unavailable", message: /thread died/ });
      await assert.rejects(log.redact("lobby", 1), { code: "unavailable" });
      if (name === "reader")
        await assert.rejects(log.head("lobby"), { code: "unavailable", message: /thread died/ });
      else assert.ok((await log.head("lobby")).head >= 5);
      await log.close();
      const again = await SqliteLog.open({ folder });
      assert.ok((await again.head("lobby")).head >= 5);
      await again.close();
    });
  }

  test("[LOG-43] an append that the file can't take is refused, and the log goes on", async () => {
    const log = await SqliteLog.open({ folder });
    await assert.rejects(log.append(appendOf("lobby", 1, { re: 1.5 })), { code: "unavailable" });
    assert.equal(log.status.kind, "ready");
    assert.equal((await log.append(appendOf("lobby", 1))).kind, "appended");
    assert.equal(await log.trim("lobby", Number.NaN), 1);
    assert.equal((await log.rooms("", Infinity)).length, 1);
    await log.close();
  });

  test("[LOG-44] options that make no sense are refused before anything is touched", async () => {
    for (const options of [
      { producerRetentionMs: 0 },
      { retention: { messages: Number.NaN } },
      { sweepEveryMs: -1 },
    ]) {
      await assert.rejects(SqliteLog.open({ folder, ...options }), RangeError);
    }
    await (await SqliteLog.open({ folder })).close();
  });

  test("[LOG-42] a deletion that a crash cut short is finished when the log is open again", async () => {
    const rowsLeft = (): unknown => {
      const db = new DatabaseSync(join(folder, "parlor.db"));
      const row = db
        .prepare(
          "SELECT (SELECT count(*) FROM messages) + (SELECT count(*) FROM anchors) + (SELECT count(*) FROM producers) + (SELECT count(*) FROM doomed) AS n",
        )
        .get();
      db.close();
      return row?.["n"];
    };
    const log = await SqliteLog.open({ folder });
    await fill(log, "lobby", 2_000);
    await log.trim("lobby", 100);
    await log.close();
    // As the file stands right after the one transaction of a deletion.
    const db = new DatabaseSync(join(folder, "parlor.db"));
    db.exec("INSERT INTO doomed SELECT id, head, head_id, earliest FROM rooms; DELETE FROM rooms");
    db.close();
    assert.ok(Number(rowsLeft()) > 1_900);
    let opened = 0;
    for (; rowsLeft() !== 0 && opened < 20; opened++) {
      const again = await SqliteLog.open({ folder });
      assert.equal((await again.head("lobby")).head, 0);
      await again.close();
    }
    assert.equal(rowsLeft(), 0);
  });
});
