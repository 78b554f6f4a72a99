import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ParlorClient } from "@parlor/client";
import { ParlorProcess, temporaryFolder, within } from "./parlor-process.ts";

/** Runs a command to its end. */
async function run(...args: string[]): Promise<{ code: number | null; said: string; complained: string }> {
  const process = new ParlorProcess({ args });
  const { code } = await process.end();
  return { code, said: process.stdout.join("\n"), complained: process.stderr.join("\n") };
}

const FAST = ["--port", "0", "--publish-per-second", "Infinity"];

describe("parlor backup and parlor restore", () => {
  test("[CMD-1] [CMD-2] a backup of a running server has what was acked before it; a page that knew more is told of the new history", async () => {
    using folder = temporaryFolder();
    const [data, file, again] = ["data", "copy.db", "again"].map((name) => join(folder.path, name)) as [
      string,
      string,
      string,
    ];
    const server = new ParlorProcess({ args: [...FAST, "--data", data] });
    const { port } = new URL(await server.url);
    const client = new ParlorClient(`http://127.0.0.1:${port}/`);
    try {
      const room = client.room("lobby");
      const lost: unknown[] = [];
      const seen: unknown[] = [];
      // What comes from then on is the restored history, perhaps before its server has said that it is there.
      room.on("lost", (each) => {
        lost.push(each);
        seen.length = 0;
      });
      room.on("messages", (messages) => seen.push(...messages.map(({ body }) => body)));
      room.subscribe({ last: 50 });
      for (let i = 0; i < 20; i++) await room.publish(`before ${i}`);
      // Written to without a pause while it is copied.
      let isCopying = true;
      const during = (async () => {
        for (let i = 0; isCopying; i++) await room.publish(`during ${i}`);
      })();
      const { code, said } = await run("backup", file, "--data", data);
      isCopying = false;
      await during;
      assert.deepEqual([code, said], [0, `Backed up ${data} to ${file}.`]);
      for (let i = 0; i < 5; i++) await room.publish(`after ${i}`);
      const before = room.cursor;
      server.kill("SIGKILL");
      await server.end();

      const restored = await run("restore", file, "--data", again);
      assert.equal(restored.code, 0, restored.complained);
      const second = new ParlorProcess({ args: [...FAST, "--port", port, "--data", again] });
      try {
        await second.url;
        await within(room.publish("on the restored one"), "the client did not come back");
        const { messages, epoch } = await room.history({ limit: 500 });
        assert.notEqual(epoch, before?.epoch);
        const kept = messages.map(({ body }) => body);
        assert.deepEqual(
          kept.slice(0, 20),
          Array.from({ length: 20 }, (_, i) => `before ${i}`),
        );
        assert.equal(kept.at(-1), "on the restored one");
        assert.ok(!kept.includes("after 0"));
        await within(
          (async () => {
            while (seen.at(-1) !== "on the restored one")
              await new Promise((resolve) => setImmediate(resolve));
          })(),
          "the client did not hear the end of the restored history",
        );
        assert.deepEqual(lost, [{ epoch: true }]);
        assert.deepEqual(seen, kept, "it reads the restored history whole");
      } finally {
        second.kill("SIGTERM");
        await second.end();
      }
    } finally {
      client.close();
      server.kill("SIGKILL");
      await server.end();
    }
  });

  test("[CMD-3] nothing is overwritten, a folder in use is refused, and a file that is no log leaves nothing behind", async () => {
    using folder = temporaryFolder();
    const path = (name: string): string => join(folder.path, name);
    await using server = new ParlorProcess({ args: [...FAST, "--data", path("data")] });
    await server.url;
    assert.equal((await run("backup", path("copy"), "--data", path("data"))).code, 0);
    const copy = readFileSync(path("copy"));
    writeFileSync(path("text"), "this is no database, however long the text is made to be".repeat(40));
    const refusals = [
      [["backup", path("copy"), "--data", path("data")], /is there already; it was left as it is\.$/],
      [["backup", path("other"), "--data", path("nowhere")], /there is no parlor\.db in/],
      [["backup", path("no/copy"), "--data", path("data")], /there is no folder .* to write into\.$/],
      [["restore", path("copy"), "--data", path("data")], /another process has the log/],
      [["restore", path("missing"), "--data", path("new")], /there is no file/],
      [["restore", path("text"), "--data", path("new")], /can't be read as a log/],
    ] as const;
    for (const [args, words] of refusals) {
      const { code, said, complained } = await run(...args);
      assert.deepEqual([code, said], [2, ""], complained);
      assert.match(complained, words);
      assert.equal(complained.split("\n").length, 1);
    }
    assert.deepEqual(readFileSync(path("copy")), copy);
    assert.ok(!existsSync(path("other")));
    assert.deepEqual(
      readdirSync(path("new")).filter((name) => name.startsWith("parlor.db")),
      [],
    );
    assert.equal((await run("restore", path("copy"), "--data", path("new"))).code, 0);
    const twice = await run("restore", path("copy"), "--data", path("new"));
    assert.match(twice.complained, /has a log already, which was left as it is/);
    // A copy is one file by itself, and so it stays when somebody looks into it.
    assert.deepEqual(readdirSync(folder.path).sort(), ["copy", "data", "new", "text"]);
  });

  test("[CMD-4] the command's help names them", async () => {
    assert.match((await run("--help")).said, /parlor backup FILE/);
    const { code, said } = await run("restore", "--help");
    assert.deepEqual([code, said.split("\n")[0]], [0, "parlor restore FILE [--data FOLDER]"]);
  });
});
