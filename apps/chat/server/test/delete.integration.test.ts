import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runHeard } from "./heard-command.ts";
import { ParlorProcess, temporaryFolder } from "./parlor-process.ts";

test("[CMD-8] [CMD-9] a room is deleted once nobody serves it and --yes is said; its readers are told, and its bytes are gone", async () => {
  using folder = temporaryFolder();
  const [data, args] = [folder.path, ["--port", "0", "--data", folder.path]];
  const onDisk = (): string =>
    readdirSync(data, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map((each) => readFileSync(join(each.parentPath, each.name), "latin1"))
      .join("\n");
  const server = new ParlorProcess({ args });
  const url = await server.url;
  const published = await runHeard(["publish", "lobby", "--url", url], {
    input: [Buffer.from("s3cret one\ns3cret two\n")],
  });
  assert.deepEqual(published.said, ["1", "2"]);
  await runHeard(["publish", "other", "stays", "--url", url]);
  await using tail = new ParlorProcess({ args: ["tail", "lobby", "--url", url] });
  await tail.printed(() => tail.stdout.length === 2);

  const doubtful = await runHeard(["delete", "lobby"], { data });
  assert.deepEqual([doubtful.code, doubtful.said], [2, []]);
  assert.match(
    doubtful.complained[0] ?? "",
    /: 2 messages in "lobby" would be deleted for good; --yes does it\.$/,
  );
  const early = await runHeard(["delete", "lobby", "--yes"], { data });
  assert.equal(early.code, 2);
  assert.match(early.complained[0] ?? "", /another process has the log/);
  server.kill("SIGKILL");
  await server.end();
  assert.ok(onDisk().includes("s3cret one"));

  const done = await runHeard(["delete", "lobby", "--yes"], { data });
  assert.deepEqual([done.code, done.said], [0, [`Deleted "lobby" from ${data}.`]]);
  assert.deepEqual(done.progress, ["removed 100 %", "writing the file anew"]);
  assert.ok(!onDisk().includes("s3cret"));
  assert.ok(onDisk().includes("stays"));

  await using again = new ParlorProcess({ args: [...args, "--port", new URL(url).port] });
  await runHeard(["publish", "lobby", "a new beginning", "--url", await again.url]);
  await tail.printed(() => tail.stdout.length === 4);
  assert.match(tail.stdout[2] ?? "", /^— The room's history is another one/);
  assert.match(tail.stdout[3] ?? "", /^1\t.*\ta new beginning$/);
  const rooms = await runHeard(["rooms"], { data });
  assert.deepEqual(
    rooms.said.map((line) => line.split("\t").at(-1)),
    ['"lobby"', '"other"'],
  );
  assert.match((await runHeard(["delete", "nobody"], { data })).complained[0] ?? "", /nothing is stored/);
});
