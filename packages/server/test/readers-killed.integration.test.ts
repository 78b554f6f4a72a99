import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { LogView } from "@parlor/log";
import { randomInteger, seededRandom, testSeed } from "@parlor/testkit";

const CHILD = join(import.meta.dirname, "support", "child-reader.ts");
const KILLS = 3;

/** Runs the child until it says `line`, and then for `moreMs`; kills it unless it ends by itself. */
async function live(folder: string, how: string, at: number, line: string, moreMs: number): Promise<void> {
  const child = spawn(process.execPath, [CHILD, folder, how, String(at)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(child, "exit");
  let said = "";
  await new Promise<void>((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes(line)) resolve();
    });
    void exit.then(() => reject(new Error(`it ended and had said: ${said}`)));
  });
  if (how === "settle") return void (await exit);
  await wait(moreMs);
  child.kill("SIGKILL");
  await exit;
}

describe("a named reader of a process that is killed", () => {
  test("[READER-1] has had the effect of each message once, in order, wherever it was killed", async (t) => {
    const seed = testSeed();
    t.diagnostic(`seed ${seed}`);
    const random = seededRandom(seed);
    const folder = await mkdtemp(join(tmpdir(), "parlor-reader-"));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const readTo = (): number => {
      using db = new DatabaseSync(join(folder, "readers", "count.db"));
      return Number(db.prepare("SELECT coalesce(max(offset), 0) AS at FROM seen").get()?.["at"]);
    };
    for (let kill = 0; kill < KILLS; kill++) {
      if (kill !== 1) await live(folder, "run", 0, "running", randomInteger(random, 50, 250));
      // And in the middle of an effect: behind what it wrote, before its transaction ends.
      await live(folder, "stall", readTo() + 1, "in the middle", 0);
    }
    await live(folder, "settle", 0, "settled", 0);
    using view = new LogView(folder);
    using db = new DatabaseSync(join(folder, "readers", "count.db"));
    let total = 0;
    for (const room of ["a", "b", "c"]) {
      const { messages } = view.read(room, 0, { maxMessages: 1_000_000, maxBytes: Infinity });
      const seen = db.prepare("SELECT offset FROM seen WHERE room = ? ORDER BY rowid").all(room);
      assert.deepEqual(
        seen.map((row) => row["offset"]),
        messages.map(({ offset }) => offset),
      );
      total += messages.length;
    }
    assert.ok(total > 100, `only ${total} messages: too few to prove anything`);
  });
});
