import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { appendOf } from "@parlor/testkit";
import { SqliteLog } from "../sqlite-log.ts";

const run = promisify(execFile);

/** All that is on disk, read by another process: this one must not close a handle of SQLite's files. */
async function bytesIn(folder: string): Promise<string> {
  const { stdout } = await run("sh", ["-c", 'cat "$0"/parlor.db*', folder], {
    encoding: "buffer",
    maxBuffer: 1e9,
  });
  return stdout.toString("latin1");
}

describe("erasing", () => {
  test("[LOG-40] a second copy that SQLite left behind when it packed its pages is erased too", async () => {
    const folder = await mkdtemp(join(tmpdir(), "parlor-eraser-"));
    const log = await SqliteLog.open({ folder });
    try {
      const tags = new Map<number, string>();
      await Promise.all(
        Array.from({ length: 4_000 }, async (_, n) => {
          // Mostly messages of another room, in lengths that make pages break at ever other places.
          const room = n % 7 < 5 ? "flood" : "kept";
          const tag = `<tag ${n}>`;
          const bodyJson = JSON.stringify(tag + "x".repeat(n % 2 === 0 ? 900 : (n * 37) % 700));
          const result = await log.append(appendOf(room, 1, { remember: false, bodyJson }));
          if (room === "kept" && result.kind === "appended") tags.set(result.offset, tag);
        }),
      );
      await log.trim("flood", Infinity);
      await log.redact("kept", 1);
      const before = await bytesIn(folder);
      const doubled = [...tags].filter(([, tag]) => before.indexOf(tag) !== before.lastIndexOf(tag));
      assert.ok(doubled.length > 0, "this history leaves no second copies, so it proves nothing");
      for (const [offset] of doubled) assert.equal(await log.redact("kept", offset), true);
      const after = await bytesIn(folder);
      for (const [, tag] of doubled) assert.ok(!after.includes(tag), `${tag} is still on disk`);
      const { messages } = await log.read("kept", 0, { maxMessages: 10_000, maxBytes: Infinity });
      assert.equal(messages.length, tags.size);
      const erased = new Set([1, ...doubled.map(([offset]) => offset)]);
      for (const { offset, bodyJson } of messages) {
        assert.equal(bodyJson?.includes(tags.get(offset) ?? "") ?? null, erased.has(offset) ? null : true);
      }
    } finally {
      await log.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
