import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { KEEP_EVERYTHING, MemoryLog, type RoomLog } from "@parlor/log";
import { Moderation } from "@parlor/moderation";
import type { Parlor } from "@parlor/server";
import { operatorCalls } from "../operator/operator-calls.ts";
import { SearchDesk, type SearchDeskParts } from "../search/search-desk.ts";
import { ANONYMOUS_READS, ANONYMOUS_WRITES, FILE, FILE_HASH, READS, WRITES } from "./attempts.ts";
import { ADDRESSES, FRAMES, METHODS, PAGES } from "./every-address.ts";
import { ParlorProcess, temporaryFolder } from "./parlor-process.ts";
import { OWNER, Owner, putFile } from "./room-owner.ts";

const STRANGER = "key-of-a-stranger-to-every-room";
const SECRET = "a word for those who have a link";
const ROOM = "cellar";
const HTTP_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** What the server has below its base path, by the lists that it answers from. */
function everyPath(upload: string): readonly string[] {
  const calls = operatorCalls({} as Parlor, {} as RoomLog, {} as Moderation, KEEP_EVERYTHING, () => {}, "");
  const room = `rooms/${ROOM}`;
  const byKind: Readonly<Record<keyof typeof ADDRESSES, readonly string[]>> = {
    room: [room],
    "room-messages": [`${room}/messages`, `${room}/messages?after=0`, `${room}/messages?before=9`],
    "room-files": [`${room}/files`],
    "room-file": [`${room}/files/${FILE_HASH}`, `${room}/files/${FILE_HASH}?pass=none`],
    "room-upload": [`${room}/uploads/${upload}`],
    connect: ["connect"],
    "connect-stream": ["connect/stream"],
    "connect-poll": ["connect/poll"],
    "connect-send": ["connect/send"],
    healthz: ["healthz"],
    readyz: ["readyz"],
    metrics: ["metrics"],
    status: ["status", "status/status.js", "status/snapshot"],
    "bad-room": ["rooms/%00/messages"],
    "bad-target": ["rooms//messages"],
  };
  const operator = [...Object.keys(calls.GET), ...Object.keys(calls.POST)];
  return [
    ...Object.values(byKind).flat(),
    ...operator.map((name) => `operator/api/${name}?room=${ROOM}&identity=${NOBODY}`),
    ...["", "index.html", "?live", "operator", "operator/", "tutorial/", "game", "ticker"],
    ...[`r/${ROOM}`, `r/${ROOM}?live`, `r/${ROOM}/live.html`, `r/${ROOM}/live.html?after=0`],
  ];
}

const NOBODY = "a".repeat(22);

describe("whatever address the server has", () => {
  const folder = temporaryFolder();
  const server = new ParlorProcess({
    args: ["--port", "0", "--data", folder.path, "--operator-key", "the-operator-of-this-server"],
  });
  let url = "";
  let owner: Owner | null = null;

  before(async () => {
    url = await server.url;
    owner = new Owner(url);
  });
  after(async () => {
    owner?.[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  test("[MOD-19] each address, frame and method is tried against rooms that forbid it, or says why it holds nothing of them", async () => {
    const attempts = [READS, WRITES, ANONYMOUS_READS, ANONYMOUS_WRITES].flatMap((kind) => Object.keys(kind));
    const named = [ADDRESSES, FRAMES, METHODS].flatMap((list) =>
      Object.values(list).flatMap((tried) => (typeof tried === "string" ? [] : tried)),
    );
    for (const name of [...named, ...PAGES]) assert.ok(attempts.includes(name), `nothing tries ${name}`);
    for (const name of attempts) assert.ok([...named, ...PAGES].includes(name), `no list has ${name}`);
    const log = new MemoryLog();
    const moderation = await Moderation.open({ log });
    const desk = new SearchDesk({} as SearchDeskParts);
    const methods = [...Object.keys(desk.requests), ...Object.keys(moderation.requests)];
    await moderation.close();
    await log.close();
    assert.deepEqual(new Set(Object.keys(METHODS)), new Set(methods));
  });

  test("[MOD-19] by whichever HTTP method, with a key and without, none tells a word of a room that is open to links, or changes it", async () => {
    await owner?.make(ROOM);
    await putFile({ url, room: ROOM, key: OWNER });
    await owner?.client.room(ROOM).publish({ text: SECRET, name: "Owner" });
    await owner?.act(ROOM, { kind: "mode", mode: "link-only" });
    const begun = await fetch(`${url}rooms/${ROOM}/files`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${OWNER}` },
      body: JSON.stringify({ size: FILE.length }),
    });
    const { upload } = (await begun.json()) as { upload: string };
    const before = await whole();
    assert.match(before, new RegExp(SECRET));
    const keys = [{}, { authorization: `Bearer ${STRANGER}`, cookie: `parlor_key=${STRANGER}` }];
    // An id that nobody was told: of an upload one has the id, and so may give it up.
    for (const path of everyPath(upload.replace(/^./, (first) => (first === "a" ? "b" : "a")))) {
      const accept = { accept: "text/event-stream" };
      const headers = path.includes("/messages")
        ? [...keys, ...keys.map((key) => ({ ...key, ...accept }))]
        : keys;
      await Promise.all(HTTP_METHODS.flatMap((method) => headers.map((shown) => tells(path, method, shown))));
    }
    assert.equal(await whole(), before);
  });

  /** The room, as its owner reads it. */
  async function whole(): Promise<string> {
    const read = await fetch(`${url}rooms/${ROOM}/messages`, {
      headers: { authorization: `Bearer ${OWNER}` },
    });
    return await read.text();
  }

  async function tells(path: string, method: string, headers: Record<string, string>): Promise<void> {
    const brings = method !== "GET" && method !== "HEAD";
    const response = await fetch(new URL(path, url), {
      method,
      redirect: "manual",
      headers: brings ? { ...headers, "content-type": "application/json" } : headers,
      ...(brings
        ? { body: JSON.stringify({ text: "of a stranger", room: ROOM, identity: NOBODY, act: {} }) }
        : {}),
    });
    const text = await response.text();
    const what = `${method} ${path}: ${response.status}`;
    assert.ok(response.status < 500, what);
    for (const word of [SECRET, FILE.toString(), "Owner"])
      assert.ok(!text.includes(word), `${what}: ${text}`);
  }

  test("[MOD-28] a file that begins to come takes no turn and does not wait for a moderator, its message does; who is muted meanwhile brings no more of it", async () => {
    const room = "slow-and-screened";
    await owner?.make(room);
    await owner?.act(room, { kind: "slow", ms: 3_600_000 });
    await owner?.act(room, { kind: "screen", on: true });
    const headers = { authorization: `Bearer ${STRANGER}`, "content-type": "application/json" };
    const begin = async (): Promise<string> => {
      const body = JSON.stringify({ size: FILE.length, name: "www.example.org.txt" });
      const answer = await fetch(`${url}rooms/${room}/files`, { method: "POST", headers, body });
      const { upload, error } = (await answer.json()) as { upload?: string; error?: { message: string } };
      assert.equal(error, undefined, error?.message);
      return upload ?? "";
    };
    const bring = async (upload: string, key: string): Promise<string> => {
      const answer = await fetch(`${url}rooms/${room}/uploads/${upload}`, {
        method: "PATCH",
        headers: {
          authorization: `Bearer ${key}`,
          "content-type": "application/partial-upload",
          "upload-offset": "0",
        },
        body: FILE as unknown as BodyInit,
      });
      const { error } = (await answer.json()) as { error?: { code: string } };
      return error?.code ?? "done";
    };
    const [one, two] = [await begin(), await begin()];
    assert.equal(await bring(one, STRANGER), "done");
    const say = async (text: string): Promise<string> => {
      const body = JSON.stringify({ text });
      const answer = await fetch(`${url}rooms/${room}/messages`, { method: "POST", headers, body });
      return ((await answer.json()) as { error?: { code: string } }).error?.code ?? "done";
    };
    assert.deepEqual([await say("with a file"), await say("and again")], ["done", "rate-limited"]);
    const queue = await owner?.client.request<{ held: unknown[] }>("moderation.queue", { room });
    assert.deepEqual(queue?.held, []);
    const identity = createHash("sha256").update(STRANGER).digest("base64url").slice(0, 22);
    await owner?.act(room, { kind: "mute", identity, forMs: null });
    // Whatever key is shown with it, or none that is known: it is whose it was.
    assert.deepEqual([await bring(two, STRANGER), await bring(two, OWNER)], ["forbidden", "forbidden"]);
    await owner?.act(room, { kind: "unmute", identity });
    assert.equal(await bring(two, STRANGER), "done");
  });
});
