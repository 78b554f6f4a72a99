import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { join } from "node:path";
import { ParlorClient } from "@parlor/client";
import { SqliteLog } from "@parlor/log";
import { openNatsBlobs } from "@parlor/nats";
import { appendOf, fill, NatsCluster, TcpProxy, until, uploadFile } from "@parlor/testkit";
import { runHeard } from "./heard-command.ts";
import { ParlorProcess, temporaryFolder, within } from "./parlor-process.ts";

const PATIENCE_MS = 30_000;
const FAST = ["--port", "0", "--publish-per-second", "Infinity"];

/** Runs a command to its end. */
async function run(...args: string[]): Promise<{ code: number; said: string; complained: string }> {
  const { code, said, complained } = await runHeard(args);
  return { code, said: said.join("\n"), complained: complained.join("\n") };
}

/** Kills a command once it is as far as it should be; what it ended by. */
async function killedOnce(
  args: readonly string[],
  isFarEnough: () => Promise<boolean>,
): Promise<NodeJS.Signals | null> {
  await using copying = new ParlorProcess({ args });
  let hasEnded = false;
  void copying.ended.then(() => (hasEnded = true));
  assert.ok(await until(async () => hasEnded || (await isFarEnough()), PATIENCE_MS));
  copying.kill("SIGKILL");
  return (await copying.end()).signal;
}

const KEY = "a-key-of-somebody-with-files";

/** A room with files, as its server has it. */
function filesAt(server: string): {
  add(content: Buffer): Promise<string>;
  get(hash: string): Promise<Buffer | number>;
} {
  const room = `${server}rooms/files`;
  const headers = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };
  return {
    /** Uploads a file, and publishes a message with it. */
    async add(content) {
      const file = await uploadFile(room, KEY, content);
      const body = JSON.stringify({ text: "look", files: [file] });
      assert.equal((await fetch(`${room}/messages`, { method: "POST", headers, body })).status, 201);
      return file.hash;
    },
    async get(hash) {
      const answer = await fetch(`${room}/files/${hash}`);
      return answer.ok ? Buffer.from(await answer.arrayBuffer()) : answer.status;
    },
  };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

describe("parlor copy", { timeout: 120_000 }, () => {
  let cluster: NatsCluster;
  before(async () => (cluster = await NatsCluster.start()));
  after(() => cluster.stop());

  test("[COPY-6] a client from before goes on without a reset; what it had sent and nobody acknowledged is there once", async () => {
    using folder = temporaryFolder();
    const [data, node] = [join(folder.path, "data"), join(folder.path, "node")];
    const server = new ParlorProcess({ args: [...FAST, "--data", data] });
    const { port } = new URL(await server.url);
    await using road = await TcpProxy.listen(Number(port));
    const client = new ParlorClient(`http://127.0.0.1:${road.port}/`);
    const quiet = client.room("nobody wrote here");
    const room = client.room("lobby");
    const lost: unknown[] = [];
    const seen: unknown[] = [];
    for (const each of [room, quiet]) each.on("lost", (what) => lost.push(what));
    room.on("messages", (messages) => seen.push(...messages.map(({ body }) => body)));
    try {
      room.subscribe();
      quiet.subscribe();
      await room.publish("acknowledged");
      await until(() => seen.length === 1 && quiet.cursor !== null, PATIENCE_MS);
      // Stored, and the client does not hear of it.
      road.pause("to-client");
      const unheard = room.publish("not acknowledged");
      const stored = async (): Promise<number> => {
        const answer = await fetch(`http://127.0.0.1:${port}/rooms/lobby/messages`);
        return ((await answer.json()) as { messages: unknown[] }).messages.length;
      };
      assert.ok(await until(async () => (await stored()) === 2, PATIENCE_MS));
      const { epoch } = room.cursor ?? {};
      server.kill("SIGKILL");
      await server.end();
      road.cutAll();
      road.resume("to-client");

      const copied = await run("copy", "--from", `sqlite:${data}`, "--to", cluster.url);
      assert.equal(copied.code, 0, copied.complained);
      assert.match(
        copied.said,
        /1 room, 2 messages and 1 producer are the same in both\.\nsha256 of both: \w{64}/,
      );
      {
        await using second = new ParlorProcess({
          args: [...FAST, "--port", port, "--data", node, "--log", cluster.url],
        });
        await second.url;
        await within(unheard, "what was not acknowledged was not taken");
        await within(room.publish("on the cluster"), "the client did not go on");
        await within(quiet.publish("hello"), "the client did not go on");
        assert.ok(await until(() => seen.length >= 3, PATIENCE_MS));
        second.kill("SIGTERM");
        await second.end();
      }
      const back = join(folder.path, "back");
      const copiedBack = await run("copy", "--from", cluster.url, "--to", `sqlite:${back}`);
      assert.equal(copiedBack.code, 0, copiedBack.complained);
      assert.match(copiedBack.said, /2 rooms, 4 messages and 2 producers are the same in both\./);
      await using third = new ParlorProcess({ args: [...FAST, "--port", port, "--data", back] });
      await third.url;
      await within(room.publish("and back"), "the client did not go on");
      assert.ok(await until(() => seen.length >= 4, PATIENCE_MS));
      assert.deepEqual(seen, ["acknowledged", "not acknowledged", "on the cluster", "and back"]);
      const { messages } = await room.history({ limit: 50 });
      assert.deepEqual(
        messages.map(({ body }) => body),
        seen,
      );
      assert.deepEqual([lost, room.cursor?.epoch], [[], epoch]);
      assert.deepEqual(quiet.cursor, { epoch, offset: 1 });
    } finally {
      client.close();
      server.kill("SIGKILL");
      await server.end();
    }
  });

  test("[COPY-9] [COPY-11] files go along both ways, and those of messages that were deleted since go away", async () => {
    using folder = temporaryFolder();
    await using other = await NatsCluster.start();
    const [data, node] = [join(folder.path, "data"), join(folder.path, "node")];
    const onFile = (): ParlorProcess => new ParlorProcess({ args: [...FAST, "--data", data] });
    const [photo, film] = [randomBytes(300_000), randomBytes(2_000_000)];
    let [photoHash, filmHash] = ["", ""];
    {
      await using server = onFile();
      photoHash = await filesAt(await server.url).add(photo);
      server.kill("SIGTERM");
      await server.end();
    }
    const ends = ["copy", "--from", `sqlite:${data}`, "--to", other.url];
    const copied = await run(...ends);
    assert.equal(copied.code, 0, copied.complained);
    assert.match(copied.said, /\nCopying 1 file with 0\.3 MB\.\n/);
    assert.match(
      copied.said,
      /\nCopied and compared: 1 file with 0\.3 MB, the same in both byte for byte\.\n/,
    );
    {
      await using server = new ParlorProcess({ args: [...FAST, "--data", node, "--log", other.url] });
      const files = filesAt(await server.url);
      assert.deepEqual(await files.get(photoHash), photo);
      filmHash = await files.add(film);
      server.kill("SIGTERM");
      await server.end();
    }
    // To where it came from: what came since is added there.
    const back = await run("copy", "--from", other.url, "--to", `sqlite:${data}`);
    assert.equal(back.code, 0, back.complained);
    assert.match(
      back.said,
      /^Copying 1 room with 2 messages .+, of which 1 is there already, with changes since in 1\.\n/,
    );
    assert.match(back.said, /\nCopied and compared: 2 files with 2\.3 MB, the same/);
    {
      await using server = onFile();
      const url = await server.url;
      assert.deepEqual(await filesAt(url).get(filmHash), film);
      const client = new ParlorClient(url, { key: KEY });
      await client.room("files").publish({ delete: true }, { re: 1 });
      client.close();
      assert.equal(await filesAt(url).get(photoHash), 404);
      server.kill("SIGTERM");
      await server.end();
    }
    const again = await run(...ends);
    assert.equal(again.code, 0, again.complained);
    await using server = new ParlorProcess({ args: [...FAST, "--data", node, "--log", other.url] });
    const files = filesAt(await server.url);
    assert.equal(await files.get(photoHash), 404);
    assert.deepEqual(await files.get(filmHash), film);
    const store = await openNatsBlobs({ url: other.url });
    assert.equal(await store.size(photoHash), null, "it is in no stream");
    await store.close();
  });

  test("[COPY-3] [COPY-4] one that is killed in the middle is gone on with, and no server starts on the cluster before", async () => {
    using folder = temporaryFolder();
    await using other = await NatsCluster.start();
    const [data, small] = [join(folder.path, "data"), join(folder.path, "small")];
    const log = await SqliteLog.open({ folder: data });
    const body = JSON.stringify("x".repeat(60_000));
    for (let seq = 1; seq <= 300; seq++) void log.append(appendOf("lobby", seq, { bodyJson: body }));
    for (let i = 0; i < 5; i++) await fill(log, `room ${i}`, 3);
    await log.close();
    const ends = ["copy", "--from", `sqlite:${data}`, "--to", other.url];
    const isUnderWay = async (): Promise<boolean> => {
      const answer = await fetch(`${other.monitorOf(0)}/jsz`);
      return ((await answer.json()) as { bytes: number }).bytes > 3_000_000;
    };
    assert.equal(await killedOnce(ends, isUnderWay), "SIGKILL");
    const args = ["--port", "0", "--data", join(folder.path, "node"), "--log", other.url];
    await using refused = new ParlorProcess({ args });
    assert.equal((await refused.end()).code, 2);
    assert.match(
      refused.stderr.join("\n"),
      /^parlor: the copy from the log in .+ has not ended, .+ say parlor copy again/,
    );
    await (await SqliteLog.open({ folder: small })).close();
    const another = await run("copy", "--from", `sqlite:${small}`, "--to", other.url);
    assert.equal(another.code, 2);
    assert.match(
      another.complained,
      /^parlor copy: a copy from the log in .+ broke off; finish that one first/,
    );
    const again = await run(...ends);
    assert.equal(again.code, 0, again.complained);
    assert.match(again.said, /: 6 rooms, 315 messages and 6 producers are the same in both\./);
    const hash = /sha256 of both: (\w+)/.exec(again.said)?.[1];
    const back = join(folder.path, "back");
    const backEnds = ["copy", "--from", other.url, "--to", `sqlite:${back}`];
    const isHalf = (): boolean =>
      ["parlor.db", "parlor.db-wal"].some((file) => sizeOf(join(back, file)) > 3_000_000);
    assert.equal(await killedOnce(backEnds, async () => isHalf()), "SIGKILL");
    await assert.rejects(SqliteLog.open({ folder: back }), { code: "log-unfinished" });
    const backAgain = await run(...backEnds);
    assert.equal(backAgain.code, 0, backAgain.complained);
    assert.equal(/sha256 of both: (\w+)/.exec(backAgain.said)?.[1], hash);
    assert.match(again.said, /Start servers on NATS at 127\.0\.0\.1:\d+ only/);
  });

  test("[COPY-4] what can't be copied is one sentence and exit code 2", async () => {
    using folder = temporaryFolder();
    const { path } = folder;
    const refusals = [
      [["--to", cluster.url], /--from is missing: say which log/],
      [["--from", "memory:", "--to", cluster.url], /--from takes sqlite:, sqlite:FOLDER or nats:/],
      [["--from", `sqlite:${join(path, "none")}`, "--to", cluster.url], /there is no parlor\.db in/],
    ] as const;
    for (const [args, words] of refusals) {
      const { code, said, complained } = await run("copy", ...args);
      assert.deepEqual([code, said], [2, ""]);
      assert.match(complained, new RegExp(`^parlor copy: .*${words.source}[^\\n]*\\.$`));
    }
    const log = await SqliteLog.open({ folder: path });
    const inUse = await run("copy", "--from", `sqlite:${path}`, "--to", cluster.url);
    await log.close();
    assert.equal(inUse.code, 2);
    assert.match(inUse.complained, /^parlor copy: another process has the log in .+ open/);
  });
});
