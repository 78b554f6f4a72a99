import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ParlorClient } from "@parlor/client";
import { KEEP_EVERYTHING, type RoomLog } from "@parlor/log";
import type { Moderation } from "@parlor/moderation";
import type { Parlor, ProcessFigures } from "@parlor/server";
import { until } from "@parlor/testkit";
import { operatorCalls } from "../operator/operator-calls.ts";
import { ParlorProcess, temporaryFolder } from "./parlor-process.ts";

const KEY = "the-key-of-this-test's-operator";
const PATIENCE_MS = 20_000;

/** Every address there is, since those that the server has are named by the same list. */
const CALLS = operatorCalls(
  {} as Parlor,
  {} as RoomLog,
  {} as Moderation,
  KEEP_EVERYTHING,
  () => undefined,
  "",
);
const ADDRESSES = [
  ...Object.keys(CALLS.GET).map((name) => ["GET", name] as const),
  ...Object.keys(CALLS.POST).map((name) => ["POST", name] as const),
];

/** What each of them would take, were it asked with the key. */
const PARAMS = { room: "lobby", identity: "somebody", node: "n", number: 1, act: {}, find: "", after: "" };

type Headers = Readonly<Record<string, string>>;

function ask(url: string, method: string, name: string, headers: Headers = {}): Promise<Response> {
  const address = new URL(`operator/api/${name}`, url);
  if (method === "POST") {
    const body = JSON.stringify(PARAMS);
    return fetch(address, { method, body, headers: { "content-type": "application/json", ...headers } });
  }
  for (const [key, value] of Object.entries(PARAMS))
    address.searchParams.append(key, typeof value === "string" ? value : "1");
  return fetch(address, { method, headers });
}

const bearer = (key: string): Headers => ({ authorization: `Bearer ${key}` });

async function figures(url: string): Promise<readonly ProcessFigures[]> {
  const answer = await ask(url, "GET", "figures", bearer(KEY));
  assert.equal(answer.status, 200);
  return ((await answer.json()) as { processes: readonly ProcessFigures[] }).processes;
}

describe("the operator's addresses", () => {
  const folder = temporaryFolder();
  const server = new ParlorProcess({ args: ["--port", "0", "--data", folder.path, "--operator-key", KEY] });
  const keyless = new ParlorProcess({ args: ["--port", "0", "--log", "memory:"] });
  let [url, keylessUrl] = ["", ""];

  before(async () => {
    [url, keylessUrl] = await Promise.all([server.url, keyless.url]);
    const client = new ParlorClient(url);
    await client.room("lobby").publish({ text: "secret plans" });
    client.close();
  });
  after(async () => {
    await Promise.all([server[Symbol.asyncDispose](), keyless[Symbol.asyncDispose]()]);
    folder[Symbol.dispose]();
  });

  test("[OPERATOR-1] none says or does anything without the key, however something else is shown", async () => {
    assert.ok(ADDRESSES.length >= 13);
    const shown: readonly Headers[] = [
      {},
      { authorization: "Bearer " },
      { authorization: `Basic ${btoa(`:${KEY}`)}` },
      { authorization: KEY },
      { cookie: `key=${KEY}; operator-key=${KEY}` },
      { "x-operator-key": KEY },
    ];
    for (const [method, name] of [...ADDRESSES, ["GET", "none-such"], ["POST", "constructor"]] as const) {
      for (const headers of shown) {
        const answer = await ask(url, method, name, headers);
        const text = await answer.text();
        assert.equal(answer.status, 401, `${method} ${name} ${JSON.stringify(headers)}`);
        assert.equal(answer.headers.get("www-authenticate"), "Bearer");
        assert.doesNotMatch(text, /secret|lobby/);
      }
      const inQuery = await fetch(new URL(`operator/api/${name}?key=${KEY}&token=${KEY}`, url), { method });
      assert.equal(inQuery.status, 401);
      await inQuery.body?.cancel();
    }
    const messages = await fetch(new URL("rooms/lobby/messages", url));
    assert.match(await messages.text(), /secret plans/);
    const acts = (await (await ask(url, "GET", "acts", bearer(KEY))).json()) as { acts: unknown[] };
    assert.deepEqual(acts.acts, []);
  });

  test("[OPERATOR-1] pages of elsewhere are refused with the key, too, and none is told that it could read the answer", async () => {
    for (const [method, name] of ADDRESSES) {
      const answer = await ask(url, method, name, { ...bearer(KEY), origin: "https://evil.example" });
      assert.equal(answer.status, 403, name);
      assert.equal(answer.headers.get("access-control-allow-origin"), null);
      await answer.body?.cancel();
    }
  });

  test("[OPERATOR-1] without `--operator-key` each says how to turn it on", async () => {
    for (const [method, name] of ADDRESSES) {
      for (const headers of [{}, bearer(""), bearer("null"), bearer(KEY)]) {
        const answer = await ask(keylessUrl, method, name, headers);
        assert.equal(answer.status, 403);
        assert.match(await answer.text(), /--operator-key/);
      }
    }
    const page = await fetch(new URL("operator", keylessUrl));
    assert.equal(page.status, 200);
  });

  test("[OPERATOR-3] what operators did stands in the log and on standard error, without rooms or the key", async () => {
    await (await ask(url, "GET", "export", bearer(KEY))).text();
    const { acts } = (await (await ask(url, "GET", "acts", bearer(KEY))).json()) as {
      acts: { act: { kind: string; room?: string }; address: string }[];
    };
    assert.deepEqual(acts[0]?.act, { kind: "export", room: "lobby" });
    assert.equal(acts[0].address, "127.0.0.1");
    assert.ok(await until(() => server.stderr.some((line) => line.includes('"act":"export"')), PATIENCE_MS));
    assert.doesNotMatch(server.stderr.join("\n"), /lobby|key-of-this-test/);
    const foreign = await fetch(new URL("rooms/@operator/messages", url));
    assert.equal(foreign.status, 403);
    await foreign.body?.cancel();
  });

  test("[OPERATOR-7] a pass is good for the one thing that the key was shown for, without the key, and its use is noted", async () => {
    const passed = await ask(url, "POST", "export-pass", bearer(KEY));
    const { pass } = (await passed.json()) as { pass: string };
    assert.ok(!pass.includes(KEY));
    const address = (of: string): URL => new URL(`operator/api/download?pass=${encodeURIComponent(of)}`, url);
    const file = await fetch(address(pass));
    assert.equal(file.status, 200);
    assert.match(file.headers.get("content-disposition") ?? "", /^attachment; .*lobby\.jsonl$/);
    assert.match(await file.text(), /secret plans/);
    const { acts } = (await (await ask(url, "GET", "acts", bearer(KEY))).json()) as {
      acts: { act: object }[];
    };
    assert.deepEqual(acts[0]?.act, { kind: "export", room: "lobby" });
    const [said = "", mac = ""] = pass.split(".");
    const other = Buffer.from(JSON.stringify([Date.now() + 50_000, "export", "garden"])).toString(
      "base64url",
    );
    for (const bad of ["", `${said}.`, `${other}.${mac}`, `${pass}=`, KEY]) {
      const refused = await fetch(address(bad));
      assert.equal(refused.status, 401, bad);
      assert.doesNotMatch(await refused.text(), /secret|lobby/);
    }
    const elsewhere = await fetch(address(pass), { headers: { origin: "https://evil.example" } });
    assert.equal(elsewhere.status, 403);
    const late = await ask(url, "GET", "download", bearer(KEY));
    assert.deepEqual([late.status, /begin the export again/.test(await late.text())], [403, true]);
    const keyless = await fetch(new URL(`operator/api/download?pass=${pass}`, keylessUrl));
    assert.equal(keyless.status, 403);
  });

  test("[MOD-22] with what somebody wrote, the operator erases what they wrote in reports", async () => {
    const client = new ParlorClient(url);
    const { offset } = await client.room("lobby").publish({ text: "is reported" });
    const words = "words of a report";
    await client.request("moderation.report", { room: "lobby", offset, reason: "spam", words });
    const { identity } = client;
    client.close();
    const seen = async (): Promise<string> => (await ask(url, "GET", "moderation", bearer(KEY))).text();
    assert.match(await seen(), /words of a report/);
    const answer = await fetch(new URL("operator/api/erase", url), {
      method: "POST",
      body: JSON.stringify({ identity }),
      headers: { "content-type": "application/json", ...bearer(KEY) },
    });
    assert.equal(answer.status, 200);
    assert.ok(await until(async () => !(await seen()).includes(words), PATIENCE_MS));
    assert.ok(!(await seen()).includes(identity ?? ""));
  });

  test("[OPERATOR-2] guesses have an end, and both are counted", async () => {
    for (let i = 0; i < 10; i++) {
      const at = new URL("operator/api/figures", url);
      assert.equal((await fetch(at, { headers: bearer(`guess-${i}`) })).status, 401);
    }
    const shut = await ask(url, "GET", "figures", bearer(KEY));
    assert.equal(shut.status, 429);
    assert.ok(Number(shut.headers.get("retry-after")) > 0);
    const metrics = await (await fetch(new URL("metrics", url))).text();
    assert.match(metrics, /^parlor_wrong_operator_keys_total 10$/m);
    assert.match(metrics, /^parlor_operator_guesses_refused_total 1$/m);
  });
});

test("[OPERATOR-4] figures are those of all workers, whichever is asked, and a drain ends all in order", async () => {
  using folder = temporaryFolder();
  await using server = new ParlorProcess({
    args: ["--port", "0", "--data", folder.path, "--operator-key", KEY, "--workers", "2"],
  });
  const url = await server.url;
  const client = new ParlorClient(url);
  await client.room("lobby").publish({ text: "hello" });
  const workers = async (): Promise<ReadonlySet<string | null>> =>
    new Set((await figures(url)).map(({ status }) => status.worker));
  assert.ok(await until(async () => (await workers()).size === 2, PATIENCE_MS));
  const connected = (await figures(url)).flatMap(({ node, connections }) =>
    connections.map(({ number, transport }) => ({ node, number, transport })),
  );
  const socket = connected.find(({ transport }) => transport === "websocket");
  assert.ok(socket !== undefined);
  const end = { method: "POST", body: JSON.stringify(socket) };
  const headers = { "content-type": "application/json", ...bearer(KEY) };
  const ended = await fetch(new URL("operator/api/end-connection", url), { ...end, headers });
  assert.equal(ended.status, 200);
  // Whoever it was comes back and goes on.
  await client.room("lobby").publish({ text: "again" });
  client.close();
  const drain = { method: "POST", body: "{}", headers };
  assert.equal((await fetch(new URL("operator/api/drain", url), drain)).status, 200);
  assert.deepEqual(await server.ended, { code: 0, signal: null });
});
