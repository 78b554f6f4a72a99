import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { SearchThread } from "./search-thread.ts";

/** A thread that dies of one question, and answers every other. */
const MORTAL = `
  import { parentPort } from "node:worker_threads";
  parentPort.on("message", ({ id, request }) => {
    if (request.kind === "rebuild") throw new Error("it died");
    parentPort.postMessage({ id, value: request.kind });
    if (request.kind === "close") parentPort.close();
  });`;

/** How many threads of this process have each priority, of Linux' own 19 to -20. */
async function priorities(): Promise<ReadonlyMap<number, number>> {
  const counts = new Map<number, number>();
  for (const thread of await readdir("/proc/self/task")) {
    const stat = await readFile(`/proc/self/task/${thread}/stat`, "utf8").catch(() => null);
    if (stat === null) continue;
    const nice = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16]);
    counts.set(nice, (counts.get(nice) ?? 0) + 1);
  }
  return counts;
}

describe("the search's thread", () => {
  const skip = process.platform !== "linux" && "threads have no priority of their own here";
  test("[SEARCH-12] the thread that makes the index comes behind all others, and one that searches does not", {
    skip,
  }, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "parlor-search-"));
    const path = join(folder, "search.db");
    const before = await priorities();
    const threads = [
      new SearchThread(path, true),
      new SearchThread(path, false),
      new SearchThread(":memory:", true),
    ];
    t.after(async () => {
      for (const thread of threads) await thread.close();
      await rm(folder, { recursive: true, force: true });
    });
    for (const thread of threads) await thread.open(0);
    const after = await priorities();
    assert.equal((after.get(10) ?? 0) - (before.get(10) ?? 0), 1);
    assert.ok((after.get(0) ?? 0) > (before.get(0) ?? 0), "the others have that of the process");
  });

  test("[SEARCH-10] one that died is started again by the next question, and takes nobody with it", async (t) => {
    const entry = new URL(`data:text/javascript,${encodeURIComponent(MORTAL)}`);
    const thread = new SearchThread(":memory:", true, entry);
    t.after(() => thread.close());
    for (let times = 0; times < 3; times++) {
      await assert.rejects(thread.rebuild(0), { code: "unavailable", message: /it died/ });
      assert.equal(await thread.isRebuildWanted(), "is-rebuild-wanted");
    }
  });
});
