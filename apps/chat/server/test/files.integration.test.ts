import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readdirSync, existsSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { describe, test } from "node:test";
import { until } from "@parlor/testkit";
import { ParlorProcess, temporaryFolder } from "./parlor-process.ts";

const FAST = ["--port", "0", "--publish-per-second", "Infinity"];
const KEY = "a-key-of-somebody-with-files";

/** Names of the blobs and parts in a data folder. */
function stored(data: string): string[] {
  const files = readdirSync(join(data, "files"), { recursive: true, withFileTypes: true });
  return files.filter((each) => each.isFile() && !each.name.startsWith("ledger")).map(({ name }) => name);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function begin(url: string, size: number): Promise<Response> {
  return fetch(`${url}rooms/lobby/files`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${KEY}` },
    body: JSON.stringify({ size }),
  });
}

async function begun(url: string, size: number): Promise<string> {
  return ((await (await begin(url, size)).json()) as { upload: string }).upload;
}

function add(url: string, upload: string, at: number, bytes: Buffer): Promise<Response> {
  return fetch(`${url}rooms/lobby/uploads/${upload}`, {
    method: "PATCH",
    headers: { "content-type": "application/partial-upload", "upload-offset": String(at) },
    body: bytes as unknown as BodyInit,
  });
}

async function standsAt(url: string, upload: string): Promise<number> {
  const { headers } = await fetch(`${url}rooms/lobby/uploads/${upload}`, { method: "HEAD" });
  return Number(headers.get("upload-offset"));
}

async function say(url: string, body: unknown): Promise<number> {
  const response = await fetch(`${url}rooms/lobby/messages`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${KEY}` },
    body: JSON.stringify(body),
  });
  return ((await response.json()) as { offset: number }).offset;
}

/** Begins to send and goes on sending nothing more; returns how to break the line. */
function sendSome(url: string, upload: string, at: number, bytes: Buffer, announced: number): () => void {
  const { port, hostname } = new URL(url);
  const headers = {
    "content-type": "application/partial-upload",
    "upload-offset": String(at),
    "content-length": String(announced),
  };
  const sent = request({
    port,
    host: hostname,
    path: `/rooms/lobby/uploads/${upload}`,
    method: "PATCH",
    headers,
  });
  // The server is killed under it.
  sent.on("error", () => undefined);
  sent.write(bytes);
  return () => sent.destroy();
}

async function run(...args: string[]): Promise<{ code: number | null; complained: string }> {
  const process = new ParlorProcess({ args });
  const { code } = await process.end();
  return { code, complained: process.stderr.join("\n") };
}

describe("files through the command", () => {
  test("[FILE-30] [CMD-10] killed in the middle of an upload the server goes on behind what it had; backup, restore and delete have the files", async () => {
    using folder = temporaryFolder();
    const [data, copy, again] = ["data", "copy.db", "again"].map((name) => join(folder.path, name)) as [
      string,
      string,
      string,
    ];
    const content = randomBytes(9_000_000);
    const first = new ParlorProcess({ args: [...FAST, "--data", data] });
    const firstUrl = await first.url;
    const upload = await begun(firstUrl, content.length);
    const cut = sendSome(firstUrl, upload, 0, content.subarray(0, 5_000_000), content.length);
    // The first part is on the disk; the second is under way.
    assert.ok(await until(async () => (await standsAt(firstUrl, upload)) > 0, 30_000));
    assert.ok(stored(data).some((name) => name.endsWith(".new")));
    first.kill("SIGKILL");
    await first.end();
    cut();

    const second = new ParlorProcess({ args: [...FAST, "--data", data, "--workers", "2"] });
    const url = await second.url;
    const at = await standsAt(url, upload);
    assert.equal(at, 4_194_304);
    const done = await add(url, upload, at, content.subarray(at));
    const { file } = (await done.json()) as { file: { hash: string } };
    assert.equal(file.hash, sha256(content));
    await say(url, { text: "here", files: [file] });
    assert.equal((await run("backup", copy, "--data", data)).code, 0);
    assert.ok(existsSync(`${copy}.files`));
    second.kill("SIGTERM");
    await second.end();

    assert.equal((await run("restore", copy, "--data", again)).code, 0);
    const restored = new ParlorProcess({ args: [...FAST, "--data", again] });
    const got = await fetch(`${await restored.url}rooms/lobby/files/${file.hash}`);
    assert.equal(sha256(Buffer.from(await got.arrayBuffer())), file.hash);
    restored.kill("SIGTERM");
    await restored.end();
    assert.deepEqual(stored(again), [file.hash]);

    const refused = await run("backup", copy, "--data", data);
    assert.equal(refused.code, 2);
    assert.match(refused.complained, /is there already/);
    assert.equal((await run("delete", "lobby", "--yes", "--data", again)).code, 0);
    assert.deepEqual(stored(again), []);
  });

  test("[FILE-9] where the system has no room for a file it is refused in words, nothing half stored, and people go on talking (B54)", async () => {
    using folder = temporaryFolder();
    const data = join(folder.path, "data");
    // A file of this process can't be larger; the log's files are small, and the ledger's.
    const limit = 2_000_000;
    const server = new ParlorProcess({
      args: [...FAST, "--data", data],
      through: ["prlimit", `--fsize=${limit}`],
    });
    const url = await server.url;
    const content = randomBytes(3_000_000);
    const upload = await begun(url, content.length);
    const full = await add(url, upload, 0, content);
    const { error } = (await full.json()) as { error: { code: string; message: string } };
    assert.deepEqual([full.status, error.code], [503, "unavailable"]);
    assert.match(error.message, /disk for files is full; nothing of it was stored/);
    assert.deepEqual(stored(data), []);
    assert.equal(await standsAt(url, upload), 0);
    assert.equal(await say(url, "still here"), 1);
    server.kill("SIGTERM");
    await server.end();
  });
});
