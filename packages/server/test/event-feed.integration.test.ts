import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { FakeClock } from "@parlor/testkit";
import { EventFeedReader } from "./support/event-feed-reader.ts";
import { startParlor } from "./support/parlor-server.ts";

async function open(
  t: TestContext,
  url: string,
  headers: Record<string, string> = {},
): Promise<EventFeedReader> {
  const feed = await EventFeedReader.open(url, headers);
  t.after(() => feed.cut());
  return feed;
}

describe("the event feed of a room", () => {
  test("[SSE-50] begins with an event that has only an id, then the newest 50, then what comes", async (t) => {
    const { parlor, origin } = await startParlor(t);
    const room = parlor.room("lobby");
    let epoch = "";
    for (let i = 1; i <= 60; i++) ({ epoch } = await room.publish(i));
    const feed = await open(t, `${origin}/rooms/lobby/messages`);
    assert.equal(feed.response.headers.get("content-type"), "text/event-stream; charset=utf-8");
    assert.equal(feed.response.headers.get("cache-control"), "no-store, no-transform");
    assert.equal(feed.response.headers.get("x-accel-buffering"), "no");
    assert.match(feed.response.headers.get("vary") ?? "", /Accept/);
    assert.deepEqual(await feed.next(), { id: `${epoch}:10`, event: null, data: null });
    for (let offset = 11; offset <= 60; offset++) {
      const event = await feed.next();
      assert.deepEqual([event.id, event.event], [`${epoch}:${offset}`, null]);
      const message = JSON.parse(event.data ?? "") as Record<string, unknown>;
      assert.deepEqual([message["offset"], message["body"], message["from"]], [offset, offset, "@server"]);
    }
    await room.publish("live");
    assert.equal((await feed.next()).id, `${epoch}:61`);
  });

  test("[SSE-51] Last-Event-ID resumes behind it, and counts more than after; cut at the first event it resumes too", async (t) => {
    const { parlor, origin } = await startParlor(t);
    const room = parlor.room("lobby");
    const url = `${origin}/rooms/lobby/messages`;
    const early = await open(t, url);
    const { id } = await early.next();
    early.cut();
    let epoch = "";
    for (let i = 1; i <= 5; i++) ({ epoch } = await room.publish(i));
    assert.equal(id, `${epoch}:0`);
    const offsets = async (feed: EventFeedReader, count: number): Promise<unknown[]> => {
      const first = await feed.next();
      assert.equal(first.data, null);
      const seen = [];
      for (let i = 0; i < count; i++) seen.push((await feed.next()).id);
      return seen;
    };
    const [three, four, five] = [3, 4, 5].map((offset) => `${epoch}:${offset}`);
    assert.deepEqual((await offsets(await open(t, url, { "last-event-id": id ?? "" }), 5)).length, 5);
    assert.deepEqual(await offsets(await open(t, url, { "last-event-id": three ?? "" }), 2), [four, five]);
    assert.deepEqual(await offsets(await open(t, `${url}?after=4`), 1), [five]);
    assert.deepEqual(await offsets(await open(t, `${url}?after=${four}`), 1), [five]);
    const both = await open(t, `${url}?after=1`, { "last-event-id": four ?? "" });
    assert.deepEqual(await offsets(both, 1), [five]);
  });

  test("[SSE-52] a lost stretch comes as an event of its own before what is kept", async (t) => {
    const { parlor, origin } = await startParlor(t);
    const room = parlor.room("lobby");
    let epoch = "";
    for (let i = 1; i <= 9; i++) ({ epoch } = await room.publish(i));
    await room.trim(6);
    const url = `${origin}/rooms/lobby/messages`;
    const trimmed = await open(t, url, { "last-event-id": `${epoch}:2` });
    // Cut here, it comes back with what it came with, and is told of the loss all the same.
    assert.deepEqual(await trimmed.next(), { id: `${epoch}:2`, event: null, data: null });
    assert.deepEqual(await trimmed.next(), { id: `${epoch}:5`, event: "lost", data: '{"from":3,"to":5}' });
    assert.equal((await trimmed.next()).id, `${epoch}:6`);
    for (const position of ["another:4", `${epoch}:500`]) {
      const other = await open(t, url, { "last-event-id": position });
      assert.deepEqual(await other.next(), { id: position, event: null, data: null });
      assert.deepEqual(await other.next(), { id: `${epoch}:5`, event: "lost", data: '{"epoch":true}' });
      assert.equal((await other.next()).id, `${epoch}:6`);
    }
    const unnamed = await open(t, `${url}?after=2`);
    assert.deepEqual(await unnamed.next(), { id: `${epoch}:2`, event: null, data: null });
    assert.deepEqual(await unnamed.next(), { id: `${epoch}:5`, event: "lost", data: '{"from":3,"to":5}' });
  });

  test("[SSE-53] nothing that is published breaks out of its event (B44)", async (t) => {
    const { parlor, origin } = await startParlor(t);
    const room = parlor.room("lobby");
    const bodies = [
      "\ndata: forged\n\n",
      "\r\rid: forged\r\r",
      "\r\nevent: lost\r\n\r\n",
      "\u0000",
      "\u2028\u2029\u0085",
      { "\nid: x\n": "\r" },
    ];
    for (const body of bodies) await room.publish(body);
    const feed = await open(t, `${origin}/rooms/lobby/messages`);
    await feed.next();
    for (const body of bodies) {
      const event = await feed.next();
      assert.equal(event.event, null);
      assert.deepEqual((JSON.parse(event.data ?? "") as { body: unknown }).body, body);
    }
    assert.doesNotMatch(feed.text, /\r|\0|^data: forged|^id: forged/m);
  });

  test("[SSE-54] what is no position is 400 and never data (B47)", async (t) => {
    const { parlor, origin } = await startParlor(t);
    await parlor.room("lobby").publish("secret");
    const url = `${origin}/rooms/lobby/messages`;
    for (const id of [
      "1",
      "x",
      ":1",
      "epoch:",
      "epoch:-1",
      "epoch:1.5",
      "epoch:9007199254740992",
      "a b:1",
      "\u00e9:1",
    ]) {
      const response = await fetch(url, { headers: { accept: "text/event-stream", "last-event-id": id } });
      assert.equal(response.status, 400, id);
      assert.doesNotMatch(await response.text(), /secret/);
    }
    for (const query of ["after=-1", "after=x", "after=", "after=1&before=2", "before=2"]) {
      const response = await fetch(`${url}?${query}`, { headers: { accept: "text/event-stream" } });
      assert.equal(response.status, 400, query);
      await response.body?.cancel();
    }
  });

  test("[SSE-55] HEAD tells the headers and opens nothing", async (t) => {
    const { origin } = await startParlor(t, { connectionsPerAddress: 1 });
    for (let i = 0; i < 3; i++) {
      const response = await fetch(`${origin}/rooms/lobby/messages`, {
        method: "HEAD",
        headers: { accept: "text/event-stream" },
      });
      assert.equal(response.status, 200);
      assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
      assert.match(response.headers.get("vary") ?? "", /Accept/);
    }
  });

  test("[SSE-56] a silent feed is kept open by comments", async (t) => {
    const clock = new FakeClock();
    const { origin } = await startParlor(t, { clock, heartbeatMs: 10_000 });
    const feed = await open(t, `${origin}/rooms/lobby/messages`);
    await feed.next();
    for (let i = 0; i < 4; i++) {
      const before = feed.text.length;
      await clock.advanceAsync(13_000);
      await feed.more(before);
      assert.match(feed.text.slice(before), /^:/);
    }
  });

  test("[SSE-57] an erased message keeps its place, one that answers another says so", async (t) => {
    const { parlor, origin } = await startParlor(t);
    const room = parlor.room("lobby");
    await room.publish("a");
    await room.publish("b", { re: 1 });
    await room.redact(1);
    const feed = await open(t, `${origin}/rooms/lobby/messages?after=0`);
    await feed.next();
    const messages = [await feed.next(), await feed.next()].map(
      (event) => JSON.parse(event.data ?? "") as Record<string, unknown>,
    );
    assert.deepEqual([messages[0]?.["body"], messages[0]?.["redacted"]], [null, true]);
    assert.deepEqual([messages[1]?.["body"], messages[1]?.["re"]], ["b", 1]);
  });

  test("[SSE-58] a body erased while it is sent live is not shown to who comes later", async (t) => {
    const { parlor, origin } = await startParlor(t);
    const room = parlor.room("lobby");
    const first = await open(t, `${origin}/rooms/lobby/messages`);
    await first.next();
    await room.publish("regretted");
    await first.next();
    await room.redact(1);
    const second = await open(t, `${origin}/rooms/lobby/messages?after=0`);
    await second.next();
    assert.equal((JSON.parse((await second.next()).data ?? "") as { body: unknown }).body, null);
  });
});
