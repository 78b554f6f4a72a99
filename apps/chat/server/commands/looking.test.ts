import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { sideRoom, SqliteLog } from "@parlor/log";
import { type HeardCommand, runHeard } from "../test/heard-command.ts";

describe("parlor rooms and parlor export", () => {
  let folder: string;
  let log: SqliteLog;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "parlor-looking-"));
    log = await SqliteLog.open({ folder });
  });
  afterEach(async () => {
    await log.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (...args: string[]): Promise<HeardCommand> => runHeard(args, { data: folder });

  async function append(room: string, seq: number, body: unknown): Promise<void> {
    const about = { room, from: "ada", producer: "producer1", seq, afterSeq: seq - 1 };
    await log.append({ ...about, bodyJson: JSON.stringify(body), remember: true, admit: "any" });
  }

  test("[CMD-5] a log that is open elsewhere is shown whole, page by page, and without what was erased", async () => {
    for (let seq = 1; seq <= 1_201; seq++) void append("lobby", seq, { text: `"${seq}"` });
    await append('a "quoted" room', 1, "x");
    await append("lobby", 1_202, null);
    await append("escapes", 1, { text: "\u009b2J\u202e" });
    await log.redact("lobby", 2);
    await append(sideRoom("state", "lobby"), 1, "what the server keeps beside the room");
    const rooms = await run("rooms");
    assert.equal(rooms.code, 0);
    const rows = rooms.said.map((line) => line.split("\t"));
    assert.deepEqual(
      rows.map(([messages, head, , , room]) => [messages, head, JSON.parse(room ?? "") as unknown]),
      [
        ["1", "1", 'a "quoted" room'],
        ["1", "1", "escapes"],
        ["1202", "1202", "lobby"],
      ],
    );
    const { code, said } = await run("export", "lobby");
    assert.equal(code, 0);
    const messages = said.map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      messages.map(({ offset, seq }) => [offset, seq]),
      Array.from({ length: 1_202 }, (_, i) => [i + 1, i + 1]),
    );
    assert.deepEqual([messages[0]?.["from"], messages[0]?.["body"]], ["ada", { text: '"1"' }]);
    assert.deepEqual([messages[1]?.["body"], messages[1]?.["redacted"]], [null, true]);
    assert.deepEqual([messages[1_201]?.["body"], "redacted" in (messages[1_201] ?? {})], [null, false]);
    assert.deepEqual((await run("export", "unwritten")).said, []);
    const [escaped = ""] = (await run("export", "escapes")).said;
    assert.match(escaped, /^[ -~]+$/, "a terminal has nothing to obey");
    assert.deepEqual((JSON.parse(escaped) as { body: unknown }).body, { text: "\u009b2J\u202e" });
    await append("lobby", 1_203, "goes on");
    assert.equal((await run("export", "lobby")).said.length, 1_203);
  });

  test("[CMD-5] [CMD-4] what is no log, no folder or no room's name is refused in words, and left as it is", async () => {
    const other = mkdtempSync(join(tmpdir(), "parlor-looking-"));
    try {
      const text = "no database, however long this text is made".repeat(100);
      writeFileSync(join(other, "parlor.db"), text);
      const refusals = [
        [["rooms", "--data", other], /parlor\.db is no SQLite file\.$/],
        [["export", "lobby", "--data", join(other, "none")], /there is no parlor\.db in/],
        [["export", ".."], /no room can have this name/],
      ] as const;
      for (const [args, words] of refusals) {
        const { code, said, complained } = await run(...args);
        assert.deepEqual([code, said], [2, []]);
        assert.match(complained.join(), words);
      }
      assert.equal(readFileSync(join(other, "parlor.db"), "utf8"), text);
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
  });
});
