import assert from "node:assert/strict";
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

describe("the search's thread", () => {
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
