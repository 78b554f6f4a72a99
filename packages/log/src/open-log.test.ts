import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { MemoryLog } from "./memory-log.ts";
import { openLog } from "./open-log.ts";
import { SqliteLog } from "./sqlite-log.ts";

describe("openLog", () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), "parlor-open-"))));
  after(() => rm(folder, { recursive: true, force: true }));

  test("[LOG-30] `memory:` is a log that stores nothing", async () => {
    const log = await openLog("memory:", join(folder, "unused"));
    assert.ok(log instanceof MemoryLog);
    await log.close();
    assert.deepEqual(await readdir(folder), []);
  });

  test("[LOG-30] `sqlite:` keeps its file in the data folder, `sqlite:DIR` in DIR, and both are made", async () => {
    const here = await openLog("sqlite:", join(folder, "data"));
    const there = await openLog(`sqlite:${join(folder, "deep", "er")}`, join(folder, "unused"));
    assert.ok(here instanceof SqliteLog && there instanceof SqliteLog);
    await Promise.all([here.close(), there.close()]);
    assert.ok((await readdir(join(folder, "data"))).includes("parlor.db"));
    assert.ok((await readdir(join(folder, "deep", "er"))).includes("parlor.db"));
  });

  test("[LOG-30] a log of another package, or that does not exist, is refused in words", async () => {
    await assert.rejects(openLog("nats://localhost:4222", folder), {
      code: "elsewhere",
      message: /@parlor\/nats/,
    });
    for (const spec of ["", "sqlite", "postgres://x", "memory"]) {
      await assert.rejects(openLog(spec, folder), { code: "bad-log", message: /names no log/ });
    }
  });
});
