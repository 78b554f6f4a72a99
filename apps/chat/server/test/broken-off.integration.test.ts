import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { CodedError } from "@parlor/base";
import { uploadFile } from "@parlor/testkit";
import { runHeard } from "./heard-command.ts";
import { ParlorProcess, temporaryFolder } from "./parlor-process.ts";

const FAST = ["--port", "0", "--publish-per-second", "Infinity"];
const KEY = "a-key-of-somebody-with-files";

/** Has a server make a log in which a message holds a file; gives the file's hash. */
async function fill(data: string): Promise<string> {
  await using server = new ParlorProcess({ args: [...FAST, "--data", data] });
  const room = `${await server.url}rooms/lobby`;
  const file = await uploadFile(room, KEY, Buffer.from("kept with its message"));
  const said = await fetch(`${room}/messages`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${KEY}` },
    body: JSON.stringify({ text: "here", files: [file] }),
  });
  assert.equal(said.status, 201);
  await said.body?.cancel();
  server.kill("SIGTERM");
  await server.end();
  return file.hash;
}

function blobIn(folder: string, hash: string): string {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).find(
    ({ name }) => name === hash,
  );
  return join(found?.parentPath ?? assert.fail(`no ${hash} in ${folder}`), hash);
}

/** What stands in a folder but its lock. */
function standsIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name !== "parlor.lock") : [];
}

describe("parlor backup and parlor restore that break off", () => {
  test("[CMD-12] without the files that belong to it there is no backup, and nothing restored", async () => {
    using folder = temporaryFolder();
    const [data, again] = [join(folder.path, "data"), join(folder.path, "again")];
    const hash = await fill(data);
    const file = join(folder.path, "copy.db");
    const blob = blobIn(join(data, "files"), hash);
    const kept = readFileSync(blob);
    writeFileSync(blob, "changed on the disk  ");
    const refused = await runHeard(["backup", file, "--data", data]);
    assert.equal(refused.code, 2);
    assert.match(refused.complained.join(), /is not what it was; its bytes changed\.$/);
    assert.deepEqual(readdirSync(folder.path), ["data"]);

    writeFileSync(blob, kept);
    assert.equal((await runHeard(["backup", file, "--data", data])).code, 0);
    writeFileSync(blobIn(`${file}.files`, hash), "changed in the backup");
    assert.equal((await runHeard(["restore", file, "--data", again])).code, 2);
    assert.deepEqual(standsIn(again), []);
    writeFileSync(blobIn(`${file}.files`, hash), kept);
    assert.equal((await runHeard(["restore", file, "--data", again])).code, 0);
    assert.deepEqual(standsIn(again).sort(), ["files", "parlor.db"]);
  });

  test("[CMD-12] stopped at any word of progress they leave nothing, and said again they do it", async () => {
    using folder = temporaryFolder();
    const data = join(folder.path, "data");
    await fill(data);
    /** Stops the command at its first word, its second …, until it comes to its end; gives how often it was stopped. */
    const stopEverywhere = async (
      args: readonly string[],
      made: () => readonly string[],
    ): Promise<number> => {
      for (let stops = 0; ; stops++) {
        let words = 0;
        const progress = (): void => {
          if (words++ === stops) throw new CodedError("stopped", "it was stopped");
        };
        const { code, complained } = await runHeard(args, { progress });
        if (code === 0) return stops;
        assert.match(complained.join(), /it was stopped\.$/);
        assert.deepEqual(made(), [], `after ${stops} words`);
      }
    };
    const file = join(folder.path, "copy.db");
    const again = join(folder.path, "again");
    const others = (): string[] => readdirSync(folder.path).filter((name) => name !== "data");
    assert.ok((await stopEverywhere(["backup", file, "--data", data], others)) >= 2);
    assert.ok((await stopEverywhere(["restore", file, "--data", again], () => standsIn(again))) >= 2);
  });

  test("[CMD-12] the command is stopped by a signal, and its exit code says by which", async () => {
    using folder = temporaryFolder();
    const [data, file] = [join(folder.path, "data"), join(folder.path, "copy.db")];
    await fill(data);
    // Asked before it has begun: a signal to a process that starts is a race, and this one comes from inside.
    const early = `data:text/javascript,${encodeURIComponent(
      'process.once("newListener", function hear(name) { if (name === "SIGINT") setImmediate(() => process.kill(process.pid, "SIGINT")); else process.once("newListener", hear); });',
    )}`;
    const backup = new ParlorProcess({
      nodeArgs: ["--import", early],
      args: ["backup", file, "--data", data],
    });
    assert.deepEqual(await backup.end(), { code: 130, signal: null });
    assert.deepEqual(backup.stderr, ["parlor backup: it was stopped, and left nothing half done."]);
    assert.deepEqual(readdirSync(folder.path), ["data"]);
  });
});

describe("a folder that this user may not use", { skip: process.getuid?.() !== 0 }, () => {
  test("[CMD-4] is named in the refusal, be it where the log is or where its copy should be", async () => {
    using folder = temporaryFolder();
    const [data, copies] = [join(folder.path, "data"), join(folder.path, "copies")];
    await fill(data);
    mkdirSync(copies);
    chmodSync(folder.path, 0o755);
    const asNobody = async (...args: string[]): Promise<string> => {
      const through = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
      const command = new ParlorProcess({ through, args });
      assert.equal((await command.end()).code, 2);
      return command.stderr.join("\n");
    };
    const copy = join(copies, "copy.db");
    const unread = ["rooms", "export lobby", `backup ${copy}`].map((each) => each.split(" "));
    // Whoever may write nothing there can read a log only while its server has it open.
    for (const command of unread)
      assert.match(await asNobody(...command, "--data", data), /the log .*parlor\.db can't be read: /);
    {
      await using server = new ParlorProcess({ args: [...FAST, "--data", data] });
      await server.url;
      const refused = await asNobody("backup", copy, "--data", data);
      assert.ok(refused.includes(`${copy} can't be made: `), refused);
    }
    chmodSync(data, 0o700);
    for (const command of [...unread, ["delete", "lobby", "--yes"]])
      assert.match(await asNobody(...command, "--data", data), /parlor\.db can't be read: EACCES/);
  });
});

describe("what a command prints", () => {
  test("[CMD-13] where it can't be written, as on a full disk, that is a fault in words; a reader that left is none", async () => {
    using folder = temporaryFolder();
    const data = join(folder.path, "data");
    await fill(data);
    const printed = async (to: string): Promise<[number | null, readonly string[]]> => {
      const through = ["sh", "-c", `"$@" ${to}`, "sh"];
      const command = new ParlorProcess({ through, args: ["export", "lobby", "--data", data] });
      return [(await command.end()).code, command.stderr];
    };
    const [code, complained] = await printed("> /dev/full");
    assert.equal(code, 2);
    assert.match(complained.join(), /^parlor export: what it prints can't be written: ENOSPC/);
    assert.deepEqual(await printed("| true"), [0, []]);
  });
});
