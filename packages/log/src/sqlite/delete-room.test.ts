import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, test } from "node:test";
import { appendOf } from "@parlor/testkit";
import { SqliteLog } from "../sqlite-log.ts";
import { deleteRoom } from "./delete-room.ts";

const WIDE = { maxMessages: 100_000, maxBytes: Infinity };

describe("deleteRoom", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "parlor-delete-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** All that is on disk. Nobody of this process has the files open. */
  function bytesOnDisk(): string {
    const files = readdirSync(folder).filter((name) => name.startsWith("parlor.db"));
    return files.map((name) => readFileSync(join(folder, name), "latin1")).join("\n");
  }

  async function withLog<T>(work: (log: SqliteLog) => Promise<T>): Promise<T> {
    const log = await SqliteLog.open({ folder });
    try {
      return await work(log);
    } finally {
      await log.close();
    }
  }

  /** Rooms whose messages lie between each other; after the trim of one, SQLite left second copies. */
  async function writtenTo(): Promise<{ epoch: string; tags: readonly string[]; others: readonly string[] }> {
    return withLog(async (log) => {
      const tags: string[] = [];
      const others: string[] = [];
      await Promise.all(
        Array.from({ length: 10_000 }, async (_, n) => {
          const room = n % 7 < 5 ? "flood" : n % 7 < 6 ? "doomed" : "other";
          const tag = `<tag ${n}>`;
          if (room === "doomed") tags.push(tag);
          if (room === "other") others.push(tag);
          const bodyJson = JSON.stringify(tag + "x".repeat(n % 2 === 0 ? 300 : (n * 37) % 700));
          await log.append(appendOf(room, 1, { remember: false, bodyJson }));
        }),
      );
      const who = { from: "whisperer-identity", producer: "whisperer-producer" };
      const last = await log.append(appendOf("doomed", 1, { ...who, bodyJson: '"named"' }));
      assert.equal(last.kind, "appended");
      await log.trim("flood", Infinity);
      return { epoch: (await log.head("doomed")).epoch, tags, others };
    });
  }

  async function assertDeleted(
    epoch: string,
    tags: readonly string[],
    others: readonly string[],
  ): Promise<void> {
    const bytes = bytesOnDisk();
    const left = [...tags, "whisperer"].filter((tag) => bytes.includes(tag));
    assert.deepEqual(left, [], "nothing of it is on disk");
    await withLog(async (log) => {
      const other = await log.read("other", 0, WIDE);
      assert.deepEqual(
        other.messages.map(({ bodyJson }) => /<.*>/.exec(bodyJson ?? "")?.[0]),
        others,
      );
      assert.deepEqual((await log.read("doomed", 0, WIDE)).messages, []);
      const again = await log.append(appendOf("doomed", 1));
      assert.ok(again.kind === "appended" && again.offset === 1 && again.epoch !== epoch);
      const relying = await log.append(
        appendOf("doomed", 2, { from: "whisperer-identity", producer: "whisperer-producer" }),
      );
      assert.equal(relying.kind, "unknown-producer");
    });
  }

  test("[CMD-8] nothing of the room is left in any file, second copies included, and the other rooms are whole", async () => {
    const { epoch, tags, others } = await writtenTo();
    const before = bytesOnDisk();
    const doubled = tags.filter((tag) => before.indexOf(tag) !== before.lastIndexOf(tag));
    assert.ok(doubled.length > 0, "this history leaves no second copies, so it proves less");
    const steps: string[] = [];
    deleteRoom(folder, "doomed", (step, share) => steps.push(`${step} ${share}`));
    assert.deepEqual(steps, ["removing 1", "rewriting 0"]);
    await assertDeleted(epoch, tags, others);
  });

  test("[CMD-8] what broke off at any step is finished by the next call, or by a server", async () => {
    for (const finisher of ["call", "server"] as const) {
      const { epoch, tags, others } = await writtenTo();
      for (const breakAt of ["removing", "rewriting"] as const) {
        const act = (): unknown =>
          deleteRoom(folder, "doomed", (step) => {
            if (step === breakAt) throw new Error("broke off");
          });
        assert.throws(act, { code: "unavailable", message: /it is not done, and can be said again/ });
      }
      if (finisher === "call") deleteRoom(folder, "doomed", () => undefined);
      await withLog(async (log) => {
        assert.notEqual((await log.head("doomed")).epoch, epoch);
        assert.equal(log.status.kind, "ready");
      });
      // The server has removed the rows; copies of them are left for the next call.
      if (finisher === "server")
        assert.equal(
          deleteRoom(folder, "doomed", () => undefined),
          "finished",
        );
      await assertDeleted(epoch, tags, others);
      assert.throws(() => deleteRoom(folder, "nobody's", () => undefined), { code: "no-room" });
      await rm(folder, { recursive: true, force: true });
    }
  });

  test("[CMD-11] a log that is open leaves nothing either once it is purged, while it is written to, and what broke off is known to the next one", async () => {
    const { epoch, tags, others } = await writtenTo();
    await withLog(async (log) => {
      assert.equal(await log.purge(), false, "nothing was deleted");
      assert.equal(await log.delete("doomed"), true);
    });
    await withLog(async (log) => {
      const [purged, appended] = await Promise.all([log.purge(), log.append(appendOf("busy", 1))]);
      assert.deepEqual([purged, appended.kind], [true, "appended"]);
      // With the write-ahead log, which is gone once nobody has the file open.
      const bytes = bytesOnDisk();
      assert.deepEqual(
        tags.filter((tag) => bytes.includes(tag)),
        [],
      );
      assert.equal(await log.purge(), false);
    });
    await assertDeleted(epoch, tags, others);
  });

  test("[CMD-8] a damaged record does not keep the rest from going", async () => {
    const { epoch, tags, others } = await writtenTo();
    const db = new DatabaseSync(join(folder, "parlor.db"));
    const room = "(SELECT id FROM rooms WHERE name = 'doomed')";
    db.exec(`UPDATE messages SET prev = 999999 WHERE room = ${room} AND "offset" = 500`);
    db.exec(`DELETE FROM messages WHERE room = ${room} AND "offset" = 700`);
    db.close();
    deleteRoom(folder, "doomed", () => undefined);
    await assertDeleted(epoch, tags, others);
  });

  test("[CMD-9] a folder that is open, one without a log, and a room without messages are refused in words", async () => {
    assert.throws(() => deleteRoom(folder, "lobby", () => undefined), { code: "no-log" });
    await withLog(async (log) => {
      await log.append(appendOf("lobby", 1));
      assert.throws(() => deleteRoom(folder, "lobby", () => undefined), { code: "log-in-use" });
      assert.equal((await log.head("lobby")).head, 1);
    });
    assert.throws(() => deleteRoom(folder, "nobody's", () => undefined), { code: "no-room" });
    await withLog(async (log) => assert.equal((await log.head("lobby")).head, 1));
  });
});
