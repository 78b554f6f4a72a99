import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { build, type Metafile } from "esbuild";

/** What a page that only listens loads, gzipped, bytes. */
const MAX_CORE_BYTES = 8_400;

/** What a page loads before it can talk, gzipped, bytes. */
const MAX_START_BYTES = 13_800;

/** What it loads besides, when it first needs it, by the file that is asked for. */
const MAX_BYTES_ON_DEMAND: Readonly<Record<string, number>> = {
  upward: 2_048,
  "message-iterator": 1_536,
  requests: 1_536,
  renewal: 1_024,
  start: 6_144,
  inbox: 512,
  "racing-transport": 5_120,
};

/**
 * `ParlorSocket` with all the ways to the server, publishing and history, in one file as a bundler makes it that does
 * not split, gzipped, bytes.
 */
const MAX_SOCKET_BYTES = 15_560;

describe("the bundle for browsers", () => {
  test("[CLIENT-42] a socket with every way to the server is small in one file, too", async (t) => {
    const { outputFiles } = await build({
      stdin: {
        contents: 'export { ParlorSocket } from "@parlor/client/parlor-socket";',
        resolveDir: import.meta.dirname,
      },
      bundle: true,
      minify: true,
      format: "esm",
      platform: "browser",
      target: "es2022",
      write: false,
    });
    const [file] = outputFiles;
    const bytes = gzipSync(file?.contents ?? "", { level: 9 }).length;
    t.diagnostic(`gzipped: ${bytes} bytes`);
    assert.ok(bytes > 0 && bytes <= MAX_SOCKET_BYTES, `${bytes} bytes`);
  });

  test("[CLIENT-43] the core, a WebSocket with rooms that go on, is smaller still, and one file", async (t) => {
    const { outputFiles } = await build({
      stdin: {
        contents: 'export { CoreClient } from "@parlor/client/core";',
        resolveDir: import.meta.dirname,
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
    assert.equal(outputFiles.length, 1, "nothing is loaded later");
    const bytes = gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length;
    t.diagnostic(`gzipped: ${bytes} bytes`);
    assert.ok(bytes > 0 && bytes <= MAX_CORE_BYTES, `${bytes} bytes`);
  });

  test("[CLIENT-39] the client with its WebSocket is small, needs nothing of Node, and loads publishing, iterations, requests, the inbox and the other transports on demand", async (t) => {
    const { outputFiles, metafile } = await build({
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
      metafile: true,
      write: false,
    });
    const bytesOf = (files: ReadonlySet<string>): number =>
      outputFiles
        .filter(({ path }) => [...files].some((name) => path.endsWith(name)))
        .reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0);

    const start = staticallyImported(metafile, "out/stdin.js");
    const startBytes = bytesOf(start);
    t.diagnostic(`gzipped: ${startBytes} bytes at the start, in ${start.size} files`);
    assert.ok(startBytes <= MAX_START_BYTES, `${startBytes} bytes`);

    for (const [name, maxBytes] of Object.entries(MAX_BYTES_ON_DEMAND)) {
      const entry = Object.keys(metafile.outputs).find((path) => path.includes(`${name}-`)) ?? "";
      assert.ok(!start.has(entry), `${name} is loaded on demand`);
      const more = [...staticallyImported(metafile, entry)].filter((file) => !start.has(file));
      const bytes = bytesOf(new Set(more));
      t.diagnostic(`gzipped: ${bytes} bytes more for ${name}`);
      assert.ok(bytes > 0 && bytes <= maxBytes, `${name}: ${bytes} bytes`);
    }
    for (const { text } of outputFiles) {
      assert.doesNotMatch(
        text,
        /"node:|crypto\.subtle|navigator\.locks/,
        "plain-http pages have none of these",
      );
    }
  });
});

/** A file of the bundle, and all that a browser loads with it. */
function staticallyImported({ outputs }: Metafile, entry: string): ReadonlySet<string> {
  const files = new Set([entry]);
  for (const file of files) {
    for (const { path, kind } of outputs[file]?.imports ?? []) {
      if (kind === "import-statement") files.add(path);
    }
  }
  return files;
}
