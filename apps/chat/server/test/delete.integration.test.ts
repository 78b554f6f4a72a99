import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SqliteLog } from "@parlor/log";
import { runHeard } from "./heard-command.ts";
import { ParlorProcess, temporaryFolder } from "./parlor-process.ts";

/** All that is in the files of a folder. */
function bytesIn(data: string): string {
  return readdirSync(data, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => readFileSync(join(each.parentPath, each.name), "latin1"))
    .join("\n");
}

for (const workers of [1, 2]) {
  test(`[CMD-11] a running server of ${workers} process${workers === 1 ? "" : "es"} deletes a room: its readers are told, its bytes are gone, others go on`, async () => {
    using folder = temporaryFolder();
    const data = folder.path;
    const server = new ParlorProcess({ args: ["--port", "0", "--data", data, "--workers", String(workers)] });
    const url = await server.url;
    const input = [Buffer.from("s3cret one\ns3cret two\n")];
    const published = await runHeard(["publish", "lobby", "--url", url], { input });
    assert.deepEqual(published.said, ["1", "2"]);
    await runHeard(["publish", "other", "stays", "--url", url]);
    await using tail = new ParlorProcess({ args: ["tail", "lobby", "--url", url] });
    await tail.printed(() => tail.stdout.length === 2);

    const doubtful = await runHeard(["delete", "lobby"], { data });
    assert.match(doubtful.complained[0] ?? "", /: 2 messages in "lobby" would be deleted for good/);
    const operator = join(data, "operator");
    assert.equal(statSync(operator).mode & 0o777, 0o700, "only the server's user may enter");
    assert.ok(statSync(join(operator, "server.sock")).isSocket());

    const done = await runHeard(["delete", "lobby", "--yes"], { data });
    assert.deepEqual([done.complained, done.said], [[], [`Deleted "lobby" from ${data}.`]]);
    assert.deepEqual(done.progress, ["the server deletes it, and writes the file anew"]);
    const log = (): string =>
      ["parlor.db", "parlor.db-wal"].map((name) => readFileSync(join(data, name), "latin1")).join("\n");
    assert.ok(!log().includes("s3cret") && log().includes("stays"));
    const again = await runHeard(["delete", "lobby", "--yes"], { data });
    assert.deepEqual([again.code, again.said], [2, []]);
    assert.match(again.complained[0] ?? "", /nothing is stored in a room named "lobby"\.$/);

    const told = await tail.ended;
    assert.equal(told.code, 2);
    assert.match(tail.stderr.at(-1) ?? "", /the room was deleted/i);

    assert.deepEqual((await runHeard(["publish", "other", "goes on", "--url", url])).said, ["2"]);
    server.kill("SIGTERM");
    assert.equal((await server.end()).code, 0);
    assert.ok(!bytesIn(data).includes("s3cret"));
    assert.deepEqual(readdirSync(operator), [], "what does not run takes no commands");
  });
}

test("[CMD-9] [CMD-11] whoever has the log and takes no commands is told of, and nothing has changed", async () => {
  using folder = temporaryFolder();
  const data = folder.path;
  const killed = new ParlorProcess({ args: ["--port", "0", "--data", data] });
  await runHeard(["publish", "lobby", "stays", "--url", await killed.url]);
  killed.kill("SIGKILL");
  await killed.end();
  assert.deepEqual(readdirSync(join(data, "operator")), ["server.sock"], "what it left behind");
  const log = await SqliteLog.open({ folder: data });
  try {
    const early = await runHeard(["delete", "lobby", "--yes"], { data });
    assert.equal(early.code, 2);
    assert.match(
      early.complained[0] ?? "",
      /^parlor delete: nothing has changed: another process has the log in .* open, and it takes no commands: .*\.$/,
    );
    assert.equal((await log.head("lobby")).head, 1);
  } finally {
    await log.close();
  }
  await using next = new ParlorProcess({ args: ["--port", "0", "--data", data] });
  await next.url;
  assert.equal(
    (await runHeard(["delete", "lobby", "--yes"], { data })).code,
    0,
    "the next server takes them",
  );
});

test("[CMD-8] [CMD-9] a room is deleted once nobody serves it and --yes is said; its readers are told, and its bytes are gone", async () => {
  using folder = temporaryFolder();
  const [data, args] = [folder.path, ["--port", "0", "--data", folder.path]];
  const onDisk = (): string => bytesIn(data);
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
