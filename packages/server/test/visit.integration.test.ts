import assert from "node:assert/strict";
import { createServer, type OutgoingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { MemoryLog } from "@parlor/log";
import { RawSocketPeer } from "@parlor/testkit";
import { Parlor, type ParlorOptions, type TailForm, type TailMessages, type Visit } from "@parlor/server";
import { EventFeedReader } from "./support/event-feed-reader.ts";
import { HeldLog } from "./support/held-log.ts";
import { within } from "./support/within.ts";

/** One message a line, for whoever asks. */
const LINES: TailMessages = {
  write: ({ messages }) => messages.map(({ offset, body }) => `${offset} ${JSON.stringify(body)}\n`).join(""),
};

const TEXT: OutgoingHttpHeaders = { "content-type": "text/plain; charset=utf-8" };

function linesOf(): TailForm {
  return {
    headers: { ...TEXT, "cache-control": "public" },
    begin: ({ after, lost }) => `behind ${after}${lost === null ? "" : ` lost ${JSON.stringify(lost)}`}\n`,
    beginAgain: ({ after }) => `again behind ${after}\n`,
    messages: LINES,
    stillHere: "\n",
    refused: ({ code, message }, { offset }) => `${code} after ${offset}: ${message}\n`,
    bye: (_retryAfterMs, { offset }) => `bye after ${offset}\n`,
  };
}

interface Host {
  readonly parlor: Parlor;
  readonly port: number;
  readonly url: string;
  readonly faults: string[];
}

/** A host whose every address is a page of its own that `page` answers. */
async function host(
  t: TestContext,
  page: (visit: Visit) => Promise<void>,
  options: Partial<ParlorOptions> = {},
): Promise<Host> {
  const log = options.log ?? new MemoryLog();
  const faults: string[] = [];
  const logger = { info() {}, warn() {}, error: (message: string) => void faults.push(message) };
  const parlor = new Parlor({ logger, ...options, log });
  const server = createServer((request, response) => parlor.visit(request, response, page));
  parlor.attach(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await parlor.close();
    await log.close();
  });
  const { port } = server.address() as AddressInfo;
  return { parlor, port, url: `http://127.0.0.1:${port}/page`, faults };
}

async function follow(visit: Visit): Promise<void> {
  const after = new URL(visit.request.url ?? "", "http://host").searchParams.get("after");
  const from = after === null ? { last: 2 } : { after: Number(after) };
  const key = visit.request.headers.authorization;
  const refusal = await visit.follow("lobby", from, linesOf(), key === undefined ? {} : { key });
  if (refusal !== null) visit.answer(refusal.status ?? 400, TEXT, refusal.code);
}

async function publish(visit: Visit): Promise<void> {
  const form = await visit.readForm();
  if (form.kind === "gone") return;
  if (form.kind === "refused") return visit.answer(form.refusal.status ?? 403, TEXT, form.refusal.code);
  const { fields } = form;
  const body = { text: fields.get("text") };
  const published = await visit.publish(
    { room: fields.get("room") ?? "lobby", body, once: fields.get("once") ?? "once" },
    { key: fields.get("key"), token: fields.get("token") },
  );
  visit.answer(200, TEXT, JSON.stringify(published));
}

async function reading(
  t: TestContext,
  url: string,
  headers: Record<string, string> = {},
): Promise<EventFeedReader> {
  const reader = await EventFeedReader.open(url, headers);
  t.after(() => reader.cut());
  return reader;
}

async function until(reader: EventFeedReader, sought: string): Promise<void> {
  while (!reader.text.includes(sought)) await reader.more(reader.text.length);
}

async function post(
  url: string,
  fields: Record<string, string>,
): Promise<Record<string, unknown> & { code?: string }> {
  const body = new URLSearchParams(fields);
  const response = await fetch(url, { method: "POST", headers: { origin: new URL(url).origin }, body });
  return (await response.json()) as Record<string, unknown>;
}

describe("a visit to a page of the host's own", () => {
  test("[LIVE-20] follows a room in the host's form, which nobody on the way may keep, until the room is deleted", async (t) => {
    const { parlor, url } = await host(t, follow);
    const room = parlor.room("lobby");
    for (const body of ["a", "b", "c"]) await room.publish(body);
    const reader = await reading(t, url);
    await until(reader, '3 "c"\n');
    assert.equal(reader.text, 'behind 1\n2 "b"\n3 "c"\n');
    assert.equal(reader.response.headers.get("content-type"), "text/plain; charset=utf-8");
    assert.equal(reader.response.headers.get("cache-control"), "no-store, no-transform");
    assert.equal(reader.response.headers.get("x-accel-buffering"), "no");
    const other = await reading(t, `${url}?after=99`);
    await until(other, '3 "c"\n');
    assert.match(other.text, /^behind 0 lost \{"epoch":true\}\n1 "a"\n/);
    await room.publish("d");
    for (const each of [reader, other]) await until(each, '4 "d"\n');
    await room.delete();
    for (const each of [reader, other]) await until(each, "forbidden after 4: The room was deleted.\n");
    const head = await fetch(url, { method: "HEAD" });
    assert.deepEqual([head.status, head.headers.get("cache-control")], [200, "no-store, no-transform"]);
  });

  test("[LIVE-20] a right that is withdrawn ends it in the host's words, and so does a drain", async (t) => {
    let isAllowed = true;
    const { parlor, url } = await host(t, follow, {
      authorize: ({ action }) => action !== "subscribe" || isAllowed,
    });
    await parlor.room("lobby").publish("a");
    const [first, second] = [await reading(t, url), await reading(t, url, { authorization: "k".repeat(30) })];
    for (const reader of [first, second]) await until(reader, '1 "a"\n');
    isAllowed = false;
    parlor.recheck({ room: "another" });
    parlor.recheck();
    await until(first, "forbidden after 1: ");
    assert.equal((await fetch(url)).status, 400);
    isAllowed = true;
    const third = await reading(t, url);
    await until(third, '1 "a"\n');
    const drained = parlor.drain();
    await until(third, "bye after 1\n");
    assert.equal(await (await fetch(url)).text(), "draining");
    await drained;
  });

  test("[LIVE-20] a page that a drain meets before it has begun is answered 503 in words", async (t) => {
    const gate = Promise.withResolvers<boolean>();
    const asked = Promise.withResolvers<void>();
    const authorize = () => {
      asked.resolve();
      return gate.promise;
    };
    const { parlor, url } = await host(t, follow, { authorize });
    const answer = fetch(url);
    await within(asked.promise, "the hook's question");
    const drained = parlor.drain();
    const response = await within(answer, "an answer");
    assert.equal(response.status, 503);
    assert.match(response.headers.get("retry-after") ?? "", /^[1-9]/);
    gate.resolve(true);
    await drained;
  });

  test("[LIVE-21] what a visitor publishes goes by rights, rates and limits, and is stored once", async (t) => {
    const options: Partial<ParlorOptions> = {
      publishPerSecond: 1,
      maxBodyBytes: 100,
      authorize: ({ room }) => room !== "closed",
    };
    const { parlor, url } = await host(t, publish, options);
    const first = await post(url, { text: "x", once: "a" });
    assert.deepEqual([first["offset"], first["isDuplicate"]], [1, false]);
    assert.deepEqual(await post(url, { text: "x", once: "a" }), { ...first, isDuplicate: true });
    const codes = async (fields: Record<string, string>): Promise<unknown> => (await post(url, fields)).code;
    assert.equal(await codes({ text: "x", once: "b", room: "closed" }), "forbidden");
    assert.equal(await codes({ text: "x", once: "b", room: "@server" }), "forbidden");
    assert.equal(await codes({ text: "x", once: "b", room: ".." }), "bad-room");
    assert.equal(await codes({ text: "x".repeat(200), once: "b" }), "too-large");
    assert.equal(await codes({ text: "x", once: "b", key: "short" }), "bad-frame");
    const key = "k".repeat(30);
    let code: unknown;
    let sent = 0;
    while (code === undefined && sent < 20) code = await codes({ text: "x", once: `k${sent++}`, key });
    assert.deepEqual([code, sent], ["rate-limited", 6]);
    const { messages } = await parlor.room("lobby").read();
    assert.equal(new Set(messages.map(({ from }) => from)).size, 2);
    assert.equal(messages.length, 6);
  });

  test("[LIVE-21] the host's authenticate says who it is", async (t) => {
    const { parlor, url } = await host(t, publish, {
      authenticate: ({ token }) =>
        token === "ada's" ? { identity: "ada" } : { code: "unauthenticated", message: "Nobody." },
    });
    assert.equal((await post(url, { text: "x", key: "k".repeat(30) })).code, "unauthenticated");
    assert.equal((await post(url, { text: "x", token: "ada's" }))["offset"], 1);
    assert.equal((await parlor.room("lobby").read()).messages[0]?.from, "ada");
  });

  test("[LIVE-21] a log that can't take it now says so, and while it stops nothing is taken", async (t) => {
    const log = new HeldLog();
    const { parlor, url } = await host(t, publish, { log });
    log.fill();
    assert.equal((await post(url, { text: "x" })).code, "unavailable");
    log.empty();
    assert.equal((await post(url, { text: "x" }))["offset"], 1);
    const drained = parlor.drain();
    assert.equal((await post(url, { text: "x", once: "late" })).code, "draining");
    await drained;
  });

  test("[LIVE-21] a page that fails is 500 in words, and of one connection four are answered at a time", async (t) => {
    const failing = await host(t, () => Promise.reject(new Error("broken")));
    const response = await fetch(failing.url);
    assert.equal(response.status, 500);
    assert.equal(((await response.json()) as { error: { code: string } }).error.code, "internal");
    assert.equal(failing.faults.length, 1);

    let open = 0;
    const holding = await host(t, async (visit) => {
      open += 1;
      await follow(visit);
    });
    using peer = await RawSocketPeer.connect({ port: holding.port });
    peer.write("GET /page HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".repeat(50));
    assert.equal((await peer.readResponse()).status, 200);
    const metrics = await (await fetch(new URL("metrics", holding.url))).text();
    assert.match(metrics, /^parlor_connections\{[^}]*feed[^}]*\} 4$/m);
    assert.equal(open, 4);
  });
});
