import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** What a page loads before it can talk, gzipped, bytes. */
const MAX_START_BYTES = 10_752;

/** What it loads with its first `for await` over a room. */
const MAX_ITERATION_BYTES = 1_536;

describe("the bundle for browsers", () => {
  test("[CLIENT-39] the client with its WebSocket is small, needs nothing of Node, and loads iterations on demand", async (t) => {
    const { outputFiles } = await build({
      stdin: {
        contents: 'export { ParlorClient } from "@parlor/client";',
        resolveDir: import.meta.dirname,
        sourcefile: "start.js",
      },
      bundle: true,
      minify: true,
      splitting: true,
      format: "esm",
      platform: "browser",
      target: "es2022",
      outdir: "out",
      write: false,
    });
    const sizeOf = (files: typeof outputFiles): number =>
      files.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0);
    const isIteration = ({ path }: { path: string }): boolean => path.includes("message-iterator");
    const startBytes = sizeOf(outputFiles.filter((file) => !isIteration(file)));
    const iterationBytes = sizeOf(outputFiles.filter(isIteration));
    t.diagnostic(`gzipped: ${startBytes} bytes at the start, ${iterationBytes} more for iterations`);

    assert.ok(startBytes <= MAX_START_BYTES, `${startBytes} bytes`);
    assert.ok(iterationBytes > 0 && iterationBytes <= MAX_ITERATION_BYTES, `${iterationBytes} bytes`);
    for (const { text } of outputFiles) {
      assert.doesNotMatch(
        text,
        /"node:|crypto\.subtle|navigator\.locks/,
        "plain-http pages have none of these",
      );
    }
  });
});
