import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { systemClock } from "@parlor/base";
import { MemoryLog } from "@parlor/log";
import { Parlor } from "@parlor/server";
import { until } from "@parlor/testkit";
import { temporaryFolder } from "../test/parlor-process.ts";
import { PreviewCounts } from "./preview-counts.ts";
import { startPreviews } from "./preview-reader.ts";

/** A site: `/page` says what it is, `/plain` nothing, and all else is not there. */
async function site(t: TestContext): Promise<string> {
  const server = createServer(({ url }, response) => {
    response.writeHead(url === "/page" || url === "/plain" ? 200 : 404, { "content-type": "text/html" });
    response.end(url === "/page" ? "<title>A page</title>" : "");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("what became of links", () => {
  test("[PREVIEW-6] each result is counted, so that an operator sees which bound was hit", async (t) => {
    const pages = await site(t);
    const readers = temporaryFolder();
    const parlor = new Parlor({ log: new MemoryLog(), readers: readers.path });
    t.after(async () => {
      await parlor.close();
      readers[Symbol.dispose]();
    });
    let lateMs = 0;
    const clock = { ...systemClock, now: () => systemClock.now() + lateMs };
    const counts = new PreviewCounts();
    startPreviews(parlor, { kind: "named", names: ["127.0.0.1"] }, clock, counts);
    const say = (text: string): Promise<unknown> => parlor.room("lobby").publish({ text }, { as: "ada" });
    const shown = { made: 0, nothing: 0, failed: 0, "left-alone": 0, late: 0 };
    const counted = async (result: keyof typeof shown, text: string): Promise<void> => {
      shown[result] += 1;
      await say(text);
      await say("http://example.org/ is nobody's to look at");
      const lines = Object.entries(shown).map(([name, n]) => `parlor_previews_total{result="${name}"} ${n}`);
      const isSo = (): boolean => lines.every((line) => counts.text.split("\n").includes(line));
      assert.ok(await until(isSo, 10_000), `${lines.join("\n")}\n\n${counts.text}`);
    };
    await counted("made", `${pages}/page`);
    await counted("nothing", `${pages}/plain`);
    await counted("failed", `${pages}/gone`);
    await counted("left-alone", `${pages}/page`);
    lateMs = 300_001;
    await counted("made", `${pages}/page`);
    lateMs = 601_000;
    await counted("late", `${pages}/page`);
  });
});
