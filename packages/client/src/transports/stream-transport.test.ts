import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock, Heard } from "@parlor/testkit";
import { FakeFetch, settled } from "../../test/fake-fetch.ts";
import { HELLO, send } from "../../test/hello.ts";
import { messages, subscribed, WELCOME } from "../../test/set-up.ts";
import { allLanes } from "./all-lanes.ts";
import { streamTransport } from "./stream-transport.ts";

const SUBSCRIBE = { type: "subscribe", room: "a", last: 50 };
const STREAM = "text/event-stream; charset=utf-8";

function open() {
  const clock = new FakeClock();
  const far = new FakeFetch();
  const heard = new Heard([HELLO, SUBSCRIBE]);
  const connection = streamTransport({ base: "http://h/base/", fetch: far.fetch, clock }, allLanes).open(
    heard,
  );
  return { clock, far, heard, connection };
}

async function welcomed() {
  const all = open();
  await settled();
  all.far.to("stream").head(STREAM).events(WELCOME);
  await settled();
  all.heard.all.length = 0;
  return all;
}

describe("streamTransport", () => {
  test("[TRANSPORT-10] one request carries the opening, and its events are the frames; comments are life", async () => {
    const { far, heard } = open();
    await settled();
    const { url, init, types } = far.to("stream");
    assert.equal(url, "http://h/base/connect/stream?pongs=1");
    assert.deepEqual(types, ["hello", "subscribe"]);
    assert.equal(init.method, "POST");
    assert.equal(new Headers(init.headers).get("content-type"), "application/x-ndjson");
    assert.deepEqual([init.cache, init.credentials], ["no-store", "same-origin"]);
    assert.deepEqual(heard.all, ["open"]);
    far.to("stream").head(STREAM).events(WELCOME, subscribed("a", 3));
    await settled();
    far.to("stream").write(": still here\n\n");
    await settled();
    far.to("stream").write('data: {"type":').write('"messages"}\n').write("\n");
    await settled();
    assert.deepEqual(heard.all, [
      "open",
      JSON.stringify(WELCOME),
      JSON.stringify(subscribed("a", 3)),
      "life",
      "life",
      "life",
      '{"type":"messages"}',
    ]);
  });

  test("[TRANSPORT-11] other rooms, a fresh token, a doubt: one new request from the cursors of now, and the old one is not heard any more", async () => {
    const { far, heard, connection } = await welcomed();
    const old = far.to("stream");
    send(connection, { type: "subscribe", room: "b" }, { type: "unsubscribe", room: "a" }, { type: "ping" });
    heard.frames = [HELLO, { type: "subscribe", room: "b" }].map((frame) => JSON.stringify(frame));
    assert.equal(old.isAborted, false);
    await settled();
    assert.equal(far.requests.length, 2);
    assert.equal(old.isAborted, true);
    assert.deepEqual(far.to("stream").frames, [HELLO, { type: "subscribe", room: "b" }]);
    far
      .to("stream")
      .head(STREAM)
      .events(WELCOME, subscribed("b", 0), messages("b", 0, 1));
    await settled();
    assert.deepEqual(heard.all, [
      "life",
      JSON.stringify(subscribed("b", 0)),
      JSON.stringify(messages("b", 0, 1)),
    ]);
  });

  test("[TRANSPORT-17] a ping of the stream is answered by a request of its own, whose failure is no fault of the connection", async () => {
    const { far, heard, connection } = await welcomed();
    send(connection, { type: "publish", room: "a", seq: 1, body: 1 });
    await settled();
    send(connection, { type: "pong" });
    await settled();
    assert.equal(far.requests.length, 3, "the lane that waits for its answer does not hold it back");
    const { url, types } = far.to("send");
    assert.equal(url, "http://h/base/connect/send");
    assert.deepEqual(types, ["hello", "pong"]);
    far.to("send").fail();
    await settled();
    assert.deepEqual(heard.all, []);
    send(connection, { type: "pong" });
    await settled();
    assert.equal(far.requests.length, 4);
    const newest = far.to("send");
    connection.close();
    assert.equal(newest.isAborted, true);
  });

  test("[TRANSPORT-12] the end of the answer, or its breaking off, is the end of the connection", async () => {
    const { far, heard, connection } = await welcomed();
    far.to("stream").end();
    await settled();
    assert.deepEqual(heard.all, [{ code: 1006, reason: "the stream ended" }]);
    send(connection, { type: "ping" }, { type: "publish" });
    connection.close();
    await settled();
    assert.equal(heard.all.length, 1);
    const broken = await welcomed();
    broken.far.to("stream").fail(new TypeError("terminated", { cause: new Error("socket hang up") }));
    await settled();
    assert.deepEqual(broken.heard.all, [{ code: 1006, reason: "socket hang up" }]);
    assert.equal(broken.clock.pendingCount, 0);
  });

  test("[TRANSPORT-13] an error is told in the server's words with its time to come back, a proxy's page as that", async () => {
    const refusal = { code: "draining", message: "Come back." };
    const cases = [
      {
        answer: [503, JSON.stringify({ error: refusal }), { "retry-after": "3" }],
        close: { code: 1006, reason: "HTTP 503", refusal: { ...refusal, retryAfterMs: 3_000 } },
      },
      {
        answer: [401, JSON.stringify({ error: { code: "unauthenticated", message: "Sign in." } }), {}],
        close: {
          code: 1006,
          reason: "HTTP 401",
          refusal: { code: "unauthenticated", message: "Sign in.", retryAfterMs: undefined },
        },
      },
      {
        answer: [502, "<html>Bad Gateway</html>", {}],
        close: { code: 1002, reason: "HTTP 502", refusal: undefined },
      },
      { answer: [403, '{"error":"no"}', {}], close: { code: 1002, reason: "HTTP 403", refusal: undefined } },
      {
        answer: [429, "slow down", { "retry-after": "60" }],
        close: {
          code: 1002,
          reason: "HTTP 429",
          refusal: {
            code: "unavailable",
            message: "Something on the way to the server answered HTTP 429.",
            retryAfterMs: 60_000,
          },
        },
      },
      { answer: [200, "<html>Log in</html>", {}], close: { code: 1002, reason: "HTTP 200 with text/html" } },
    ] as const;
    for (const { answer, close } of cases) {
      const { far, heard, clock } = open();
      await settled();
      far.to("stream").head("text/html", answer[0], answer[2]).write(answer[1]).end();
      await settled();
      assert.deepEqual(heard.all, ["open", close]);
      assert.equal(clock.pendingCount, 0);
    }
  });

  test("[TRANSPORT-13] of a page that never ends a bounded part is read", async () => {
    const { far, heard } = open();
    await settled();
    far.to("stream").head("text/html", 500);
    for (let i = 0; i < 20; i++) far.to("stream").write("x".repeat(1_000));
    await settled();
    assert.deepEqual(heard.closes, [{ code: 1002, reason: "HTTP 500", refusal: undefined }]);
  });

  test("[TRANSPORT-14] silence on the way down ends it, whatever the way up hears", async () => {
    const { far, heard, connection, clock } = await welcomed();
    await clock.advanceAsync(49_000);
    far.to("stream").write(": still here\n\n");
    await clock.advanceAsync(49_000);
    assert.deepEqual(heard.all, ["life"]);
    send(connection, { type: "publish", room: "a", seq: 1 });
    await settled();
    far.to("send").lines(WELCOME, { type: "ack", room: "a", seq: 1 });
    await clock.advanceAsync(1_000);
    assert.deepEqual(heard.closes, [{ code: 1006, reason: "nothing was heard in time" }]);
    assert.equal(clock.pendingCount, 0);
    const mute = open();
    await mute.clock.advanceAsync(15_000);
    assert.equal(mute.heard.closes.length, 1);
  });

  test("[TRANSPORT-18] an event of which the rest does not come is held back on the way, one that comes slowly is not", async () => {
    const { far, heard, clock } = await welcomed();
    const stream = far.to("stream");
    stream.events(messages("a", 3, 4));
    await clock.advanceAsync(20_000);
    for (const piece of ['data: {"type":', '"bye","code"', ':"draining"']) {
      stream.write(piece);
      await clock.advanceAsync(3_999);
    }
    assert.deepEqual(heard.closes, []);
    stream.write("}\n\n");
    await clock.advanceAsync(20_000);
    assert.deepEqual(heard.closes, []);
    stream.write("data: {");
    await clock.advanceAsync(4_000);
    assert.deepEqual(heard.closes, [
      { code: 1006, reason: "the rest of an event did not come", isHeld: true },
    ]);
    assert.equal(stream.isAborted, true);
    assert.equal(clock.pendingCount, 0);
  });

  test("[TRANSPORT-15] a request that is welcomed as somebody else ends the connection before anything of it is told", async () => {
    const { far, heard, connection } = await welcomed();
    send(connection, { type: "history", id: 1 });
    await settled();
    far.to("send").lines({ ...WELCOME, identity: "another" }, { type: "history", id: 1 });
    await settled();
    assert.deepEqual(heard.all, [
      { code: 1006, reason: "the server takes this client for somebody else now" },
    ]);
    assert.equal(far.to("stream").isAborted, true);
  });

  test("[TRANSPORT-16] where an answer can't be read as it comes, it says so", async () => {
    const heard = new Heard([HELLO]);
    const headers = new Headers({ "content-type": "text/event-stream" });
    const fetch = () => Promise.resolve({ ok: true, status: 200, headers, body: null } as Response);
    streamTransport({ base: "http://h/", fetch, clock: new FakeClock() }, allLanes).open(heard);
    await settled();
    assert.deepEqual(heard.closes, [{ code: 1006, reason: "this platform reads no answer as it comes" }]);
  });

  test("[TRANSPORT-8] an event longer than any frame ends the connection", async () => {
    const { far, heard } = await welcomed();
    far.to("stream").write("data: ");
    for (let i = 0; i < 17; i++) far.to("stream").write("x".repeat(65_536));
    await settled();
    assert.match(heard.closes[0]?.reason ?? "", /longer than any frame/);
  });
});
