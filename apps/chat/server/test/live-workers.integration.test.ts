import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LiveReader, postForm } from "./live-reader.ts";
import { LiveSite } from "./live-site.ts";
import { familyOf } from "./worker-processes.ts";

describe("the page without a script, served by several processes", () => {
  test("[LIVE-2] [LIVE-6] whichever answers: forms are stored once, and links go on behind their messages, also when one is killed", async () => {
    await using site = await LiveSite.start(["--workers", "2", "--publish-per-second", "Infinity"]);
    const readers = await Promise.all(Array.from({ length: 6 }, () => LiveReader.open(site.live("lobby"))));
    try {
      const texts = Array.from({ length: 12 }, (_, index) => `text ${index}`);
      for (const [index, text] of texts.entries()) {
        const form = { once: `form-number-${index}`, name: "Ada", text };
        // Each is sent on connections of its own, so that both processes are asked.
        const answers = await Promise.all([1, 2, 3].map(() => postForm(site.live("lobby"), form)));
        assert.deepEqual(
          answers.map(({ status }) => status),
          [303, 303, 303],
        );
      }
      for (const reader of readers) {
        await reader.sees("text 11");
        assert.deepEqual(reader.said, texts);
      }
      const { workers } = await familyOf(site.server);
      process.kill(workers[0] as number, "SIGKILL");
      const last = { once: "form-behind-the-kill", name: "Ada", text: "behind the kill" };
      await untilServed(() => postForm(site.live("lobby"), last));
      const link = readers[0]?.links[4] ?? "";
      using next = await untilServed(() => LiveReader.open(new URL(link, site.live("lobby")).href));
      await next.sees("behind the kill");
      assert.deepEqual(next.said, [...texts.slice(5), "behind the kill"]);
    } finally {
      for (const reader of readers) reader[Symbol.dispose]();
    }
  });
});

/** A connection that the system gave to the killed process is reset; one of the next is another's. */
async function untilServed<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!/ECONNRESET|ECONNREFUSED|socket hang up/.test(String(error))) throw error;
    }
  }
}
