import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { SqliteLog } from "@parlor/log";
import { appendOf, fill, until } from "@parlor/testkit";
import { sideRoom } from "../side-room.ts";

describe("limits that are set later", () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), "parlor-limits-"))));
  after(() => rm(folder, { recursive: true, force: true }));

  test("[LOG-70] a room that was filled before them and is not written to any more keeps what they allow", async () => {
    const filled = await SqliteLog.open({ folder });
    await fill(filled, "many", 20);
    await filled.append(appendOf("large", 1, { bodyJson: JSON.stringify("x".repeat(5_000)) }));
    await filled.append(appendOf("small", 1));
    const beside = sideRoom("state", "many");
    await fill(filled, beside, 20);
    await filled.close();
    const log = await SqliteLog.open({ folder, retention: { messages: 5, bytes: 4_000 }, sweepEveryMs: 5 });
    const earliest = async (room: string): Promise<number> => (await log.head(room)).earliest;
    try {
      assert.ok(
        await until(async () => (await earliest("many")) === 16 && (await earliest("large")) === 2, 10_000),
      );
      assert.deepEqual([await earliest("small"), await earliest(beside)], [1, 1]);
    } finally {
      await log.close();
    }
  });
});
