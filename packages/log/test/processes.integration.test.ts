import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { SqliteLog } from "@parlor/log";
import { Child, type Line } from "./child.ts";

const ALL = { maxMessages: 1_000_000, maxBytes: Infinity };

describe("processes and one folder", { timeout: 60_000 }, () => {
  let folder: string;
  const children: Child[] = [];
  const start = (...args: string[]): Child => {
    const child = new Child(args);
    children.push(child);
    return child;
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "parlor-processes-"));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) await child.kill();
    await rm(folder, { recursive: true, force: true });
  });

  test("[LOG-31] a second process on the same folder is refused in words, until the first is gone", async () => {
    const first = start("hold", folder);
    await first.said((line) => line.opened === true);
    await assert.rejects(SqliteLog.open({ folder }), (error: Error & { code?: string }) => {
      assert.equal(error.code, "log-in-use");
      assert.ok(error.message.includes(folder));
      return true;
    });
    await first.kill();
    const log = await SqliteLog.open({ folder });
    const second = start("hold", folder);
    const { threw } = await second.said((line) => line.threw !== undefined);
    assert.equal(threw?.code, "log-in-use");
    assert.equal(await second.exited, 2);
    await log.close();
  });

  test("[LOG-31] a second log of the same process on the same folder is refused too", async () => {
    const log = await SqliteLog.open({ folder });
    await assert.rejects(SqliteLog.open({ folder }), { code: "log-in-use" });
    await log.close();
    await (await SqliteLog.open({ folder })).close();
  });

  test("[LOG-32] what was acknowledged before a SIGKILL is there after it, in its place and once", async () => {
    const acked: NonNullable<Line["acked"]>[] = [];
    for (let round = 0; round < 5; round++) {
      const child = start("append", folder);
      let count = 0;
      await child.said((line) => line.acked !== undefined && ++count >= 40 + round * 37);
      await child.kill();
      acked.push(...child.lines.flatMap((line) => line.acked ?? []));
      assert.equal(child.lines.filter((line) => line.refused ?? line.answered).length, 0);
    }
    assert.ok(acked.length > 300);
    const log = await SqliteLog.open({ folder });
    for (const room of ["a", "b", "c", "d", "e"]) {
      const { messages, head } = await log.read(room, 0, ALL);
      assert.deepEqual(
        messages.map((message) => [message.offset, message.seq, message.bodyJson]),
        Array.from({ length: head }, (_, i) => [i + 1, i + 1, `"${room}${i + 1}"`]),
      );
      for (const ack of acked.filter((it) => it.room === room)) {
        assert.equal(ack.offset, ack.seq);
        assert.ok(ack.offset <= head, `acknowledged ${ack.offset} of room ${room} is lost`);
      }
    }
    await log.close();
  });
});
