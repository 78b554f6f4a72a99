import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { request } from "node:http";
import { test } from "node:test";
import { ParlorClient } from "@parlor/client";
import { openNatsLog } from "@parlor/nats";
import { NatsCluster, until } from "@parlor/testkit";
import { ParlorProcess, temporaryFolder } from "./parlor-process.ts";

const PATIENCE_MS = 120_000;
const PART_BYTES = 4_194_304;
const KEY = "a-key-of-somebody-with-files";
const bearer = { "content-type": "application/json", authorization: `Bearer ${KEY}` };

interface File {
  readonly hash: string;
  readonly size: number;
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** A site of one node, as a client knows it. */
class Node {
  readonly url: string;

  constructor(url: string, room = "lobby") {
    this.url = `${url}rooms/${encodeURIComponent(room)}`;
  }

  async begin(size: number): Promise<string> {
    const body = JSON.stringify({ size });
    const answer = await fetch(`${this.url}/files`, { method: "POST", headers: bearer, body });
    return ((await answer.json()) as { upload: string }).upload;
  }

  async add(upload: string, at: number, bytes: Buffer): Promise<File | undefined> {
    const headers = { "content-type": "application/partial-upload", "upload-offset": String(at) };
    const body = bytes as unknown as BodyInit;
    const answer = await fetch(`${this.url}/uploads/${upload}`, { method: "PATCH", headers, body });
    return ((await answer.json()) as { file?: File }).file;
  }

  /** Sends the beginning of an upload and then no more. */
  addSome(upload: string, bytes: Buffer, announced: number): void {
    const { port, hostname: host, pathname } = new URL(`${this.url}/uploads/${upload}`);
    const headers = {
      "content-type": "application/partial-upload",
      "upload-offset": "0",
      "content-length": String(announced),
    };
    const sent = request({ port, host, path: pathname, method: "PATCH", headers });
    // The node is killed under it.
    sent.on("error", () => undefined);
    sent.write(bytes);
  }

  async standsAt(upload: string): Promise<number> {
    const { headers } = await fetch(`${this.url}/uploads/${upload}`, { method: "HEAD" });
    return Number(headers.get("upload-offset"));
  }

  async say(body: unknown): Promise<number> {
    const sent = { method: "POST", headers: bearer, body: JSON.stringify(body) };
    const answer = await fetch(`${this.url}/messages`, sent);
    return ((await answer.json()) as { offset: number }).offset;
  }

  /** The status of the answer. */
  async publish(body: unknown): Promise<number> {
    const sent = { method: "POST", headers: bearer, body: JSON.stringify(body) };
    const answer = await fetch(`${this.url}/messages`, sent);
    await answer.body?.cancel();
    return answer.status;
  }

  get(hash: string, range?: string): Promise<Response> {
    return fetch(`${this.url}/files/${hash}`, range === undefined ? {} : { headers: { range } });
  }
}

/** Leaves a stream with the copy that leads it. */
async function keepOneReplica(url: string, stream: string): Promise<void> {
  const log = await openNatsLog({ url });
  try {
    const ask = async (subject: string, question = ""): Promise<StreamInfo> =>
      (await log.connection.request(`$JS.API.STREAM.${subject}.${stream}`, question)).json<StreamInfo>();
    const { config } = await ask("INFO");
    await ask("UPDATE", JSON.stringify({ ...config, num_replicas: 1 }));
    const isAlone = async (): Promise<boolean> => ((await ask("INFO")).cluster?.replicas ?? []).length === 0;
    assert.ok(await until(isAlone, PATIENCE_MS));
  } finally {
    await log.close();
  }
}

interface StreamInfo {
  readonly config: object;
  readonly cluster?: { readonly replicas?: readonly unknown[] };
}

test("[CLUSTER-22] [CLUSTER-23] [CLUSTER-10] a file that is uploaded at one node, or begun there and gone on with at another after its death, is every node's, until its message is deleted; without a leader, of one stream or of all, nodes say so and files are still read", async () => {
  await using cluster = await NatsCluster.start({ servers: 3 });
  using folders = temporaryFolder();
  const monitors = [0, 1, 2].map((i) => new URL(cluster.monitorOf(i)).port).join(",");
  const start = (name: string): ParlorProcess =>
    new ParlorProcess({
      startsWithinMs: 120_000,
      args: [
        ...["--port", "0", "--publish-per-second", "Infinity", "--data", `${folders.path}/${name}`],
        ...["--log", `${cluster.url}?monitor=${monitors}`],
      ],
    });
  // One makes the streams, with three replicas each.
  await using ada = start("ada");
  const near = new Node(await ada.url);
  await using bob = start("bob");
  const bobUrl = await bob.url;
  const far = new Node(bobUrl);
  assert.match(await (await fetch(bobUrl)).text(), /<meta name="parlor-files" content="yes">/);

  const content = randomBytes(5_000_000);
  const file = await near.add(await near.begin(content.length), 0, content);
  assert.equal(file?.hash, sha256(content));
  const hash = file?.hash ?? "";
  const message = await near.say({ text: "here", files: [file] });
  const whole = await far.get(hash);
  assert.equal(whole.status, 200);
  assert.equal(sha256(Buffer.from(await whole.arrayBuffer())), hash);
  const range = await far.get(hash, "bytes=131000-4200000");
  assert.equal(range.status, 206);
  assert.deepEqual(Buffer.from(await range.arrayBuffer()), content.subarray(131_000, 4_200_001));

  // Cut by a node's death in its second part, and gone on with at the other.
  const film = randomBytes(2 * PART_BYTES + 1_000);
  const upload = await near.begin(film.length);
  near.addSome(upload, film.subarray(0, PART_BYTES + 300_000), film.length);
  assert.ok(await until(async () => (await far.standsAt(upload)) === PART_BYTES, PATIENCE_MS));
  ada.kill("SIGKILL");
  await ada.end();
  const filmed = await far.add(upload, PART_BYTES, film.subarray(PART_BYTES));
  assert.equal(filmed?.hash, sha256(film));
  await using eve = start("eve");
  const eveUrl = await eve.url;
  const late = new Node(eveUrl);
  assert.equal(sha256(Buffer.from(await (await late.get(sha256(film))).arrayBuffer())), sha256(film));

  // Any node may delete it, and no node has it then, nor has the cluster.
  assert.equal((await late.get(hash)).status, 200);
  const client = new ParlorClient(bobUrl, { key: KEY });
  try {
    await client.room("lobby").publish({ delete: true }, { re: message });
  } finally {
    client.close();
  }
  assert.equal((await far.get(hash)).status, 404);
  assert.ok(await until(async () => (await late.get(hash)).status === 404, PATIENCE_MS));

  // One stream has one replica, and its server dies: no other lacks a leader for long.
  const alone = "parlor_1";
  await keepOneReplica(cluster.url, alone);
  const dies = await cluster.leaderOf(alone);
  assert.ok(dies !== undefined);
  await cluster.kill(dies);
  const readiness = async (): Promise<number> => (await fetch(`${eveUrl}readyz`)).status;
  const rooms = Array.from({ length: 12 }, (_, i) => `room ${i}`);
  const sayIn = (room: string): Promise<number> => new Node(eveUrl, room).publish("is anybody there?");
  let said: number[] = [];
  const isOneAlone = async (): Promise<boolean> => {
    const answer = await fetch(`${eveUrl}readyz`);
    const words = JSON.stringify(await answer.json());
    if (answer.status !== 503 || !words.includes(`the stream ${alone} has no leader`)) return false;
    said = await Promise.all(rooms.map(sayIn));
    return said.includes(201);
  };
  assert.ok(await until(isOneAlone, PATIENCE_MS));
  assert.ok(said.includes(503), "rooms of that stream are refused");
  assert.equal(await readiness(), 503, "and that the others are served makes it not ready");

  // One server of three is no majority: nothing has a leader.
  const dead = [dies, (dies + 1) % 3];
  await cluster.kill(dead[1] as number);
  const isNone = async (): Promise<boolean> => !(await Promise.all(rooms.map(sayIn))).includes(201);
  assert.ok(await until(isNone, PATIENCE_MS));
  assert.equal(await readiness(), 503);
  const still = await late.get(sha256(film), "bytes=0-99");
  assert.deepEqual(Buffer.from(await still.arrayBuffer()), film.subarray(0, 100));
  await Promise.all(dead.map((server) => cluster.restart(server)));
  assert.ok(await until(async () => (await readiness()) === 200, PATIENCE_MS));
  assert.ok((await late.say("again")) > message);
});
