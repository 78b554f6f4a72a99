import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock, Heard } from "@parlor/testkit";
import { FakeFetch, settled } from "../../test/fake-fetch.ts";
import { HELLO, send } from "../../test/hello.ts";
import { WELCOME } from "../../test/set-up.ts";
import { allLanes } from "./all-lanes.ts";
import { streamTransport } from "./stream-transport.ts";

const publish = (seq: number, body: unknown = seq): object => ({ type: "publish", room: "a", seq, body });
const ack = (seq: number): object => ({ type: "ack", room: "a", seq, offset: seq });
const json = (...frames: readonly object[]): string[] => frames.map((frame) => JSON.stringify(frame));

/** A lane, of a stream that lasts. */
async function lane() {
  const clock = new FakeClock();
  const far = new FakeFetch();
  const heard = new Heard([HELLO, { type: "subscribe", room: "a" }]);
  const connection = streamTransport({ base: "http://h/", fetch: far.fetch, clock }, allLanes).open(heard);
  await settled();
  far
    .to("stream")
    .head("text/event-stream")
    .write(`data: ${JSON.stringify(WELCOME)}\n\n`);
  await settled();
  heard.all.length = 0;
  return { clock, far, heard, connection };
}

describe("SendLane", () => {
  test("[TRANSPORT-20] what one turn sends goes up in one request behind hello, and its answers come back without their welcome", async () => {
    const { far, heard, connection } = await lane();
    send(connection, publish(1), publish(2), { type: "history", id: 7, room: "a" });
    await settled();
    const { url, types } = far.to("send");
    assert.equal(url, "http://h/connect/send");
    assert.deepEqual(types, ["hello", "publish", "publish", "history"]);
    const page = { type: "history", id: 7, room: "a", epoch: "e", earliest: 1, messages: [], more: false };
    far.to("send").lines(WELCOME, ack(1), ack(2), page);
    await settled();
    assert.deepEqual(heard.all, json(ack(1), ack(2), page));
  });

  test("[TRANSPORT-21] one request at a time: what is said meanwhile gathers for the next", async () => {
    const { far, heard, connection } = await lane();
    send(connection, publish(1));
    await settled();
    send(connection, publish(2));
    await settled();
    send(connection, publish(3));
    await settled();
    assert.equal(far.count("send"), 1);
    // Answered, but not over.
    far
      .to("send")
      .head("application/x-ndjson")
      .write(`${json(WELCOME, ack(1)).join("\n")}\n`);
    await settled();
    assert.deepEqual([heard.texts, far.count("send")], [json(ack(1)), 1]);
    far.to("send").end();
    await settled();
    assert.equal(far.count("send"), 2);
    assert.deepEqual(far.to("send").frames.slice(1), [publish(2), publish(3)]);
    far.to("send").lines(WELCOME, ack(2), ack(3));
    await settled();
    assert.deepEqual([far.count("send"), heard.closes], [2, []]);
  });

  test("[CLIENT-74] of the signals that wait for a request the newest 64 go, and all publishes", async () => {
    const { far, connection } = await lane();
    send(connection, publish(1));
    await settled();
    const signals = Array.from({ length: 100 }, (_, body) => ({ type: "signal", room: "a", body }));
    for (const [index, signal] of signals.entries()) send(connection, signal, publish(index + 2));
    far.to("send").lines(WELCOME, ack(1));
    await settled();
    const frames = far.to("send").frames as readonly { type?: string; body?: unknown }[];
    assert.deepEqual(
      frames.filter(({ type }) => type === "signal"),
      signals.slice(-64),
    );
    assert.equal(frames.filter(({ type }) => type === "publish").length, 100);
  });

  test("[TRANSPORT-22] a body stays below 64 Ki characters, and below 256 publishes", async () => {
    const { far, connection } = await lane();
    const sent: object[] = [];
    for (let seq = 1; seq <= 40; seq++) sent.push(publish(seq, "漢".repeat(20_000)));
    for (let seq = 41; seq <= 700; seq++) sent.push(publish(seq));
    send(connection, ...sent);
    await settled();
    const bodies: object[][] = [];
    while (bodies.flat().length < sent.length) {
      const request = far.to("send");
      const frames = request.frames.slice(1);
      assert.ok(Buffer.byteLength(request.init.body as string) <= 3 * 65_536);
      assert.ok(frames.length >= 1 && frames.length <= 256);
      bodies.push(frames);
      request.lines(WELCOME, ...frames.map((frame) => ack(frame["seq"] as number)));
      await settled();
    }
    assert.deepEqual(bodies.flat(), sent);
    assert.ok(bodies.length <= 20, `${bodies.length} requests`);
  });

  test("[TRANSPORT-22] one frame that is larger than that goes alone, for the server to refuse", async () => {
    const { far, connection } = await lane();
    send(connection, publish(1, "x".repeat(400_000)), publish(2));
    await settled();
    assert.equal(far.to("send").frames.length, 2);
  });

  test("[TRANSPORT-23] a request that fails, or is not answered whole, ends the connection", async () => {
    const failures: [string, (far: FakeFetch) => void, RegExp][] = [
      ["network", (far) => far.to("send").fail(), /network down/],
      [
        "broken off",
        (far) =>
          far
            .to("send")
            .head("application/x-ndjson")
            .write(`${json(WELCOME).join("")}\n`)
            .fail(),
        /network down/,
      ],
      ["one answer short", (far) => far.to("send").lines(WELCOME, ack(1)), /not answered whole/],
      [
        "another's answer",
        (far) =>
          far.to("send").lines(WELCOME, ack(1), { type: "error", to: "ping", code: "x", message: "y" }),
        /not answered whole/,
      ],
      ["status", (far) => far.to("send").head("text/html", 502).end(), /HTTP 502/],
    ];
    for (const [name, fail, words] of failures) {
      const { far, heard, connection, clock } = await lane();
      send(connection, publish(1), publish(2));
      await settled();
      send(connection, publish(3));
      fail(far);
      await settled();
      assert.equal(heard.closes.length, 1, name);
      assert.match(heard.closes[0]?.reason ?? "", words);
      assert.equal(far.to("stream").isAborted, true);
      assert.deepEqual([far.count("send"), clock.pendingCount], [1, 0], name);
    }
  });

  test("[TRANSPORT-23] a refusal of each question is an answer; signals have none", async () => {
    const { far, heard, connection } = await lane();
    send(connection, publish(1), { type: "history", id: 1, room: "a" }, { type: "signal", room: "a" });
    await settled();
    far
      .to("send")
      .lines(
        WELCOME,
        { type: "refused", room: "a", seq: 1, code: "too-large", message: "x" },
        { type: "error", to: "history", id: 1, code: "forbidden", message: "x" },
      );
    await settled();
    assert.deepEqual([heard.texts.length, heard.closes], [2, []]);
  });

  test("[TRANSPORT-24] an answer that does not come in time ends the connection; a large body has more time", async () => {
    const small = await lane();
    send(small.connection, publish(1));
    await settled();
    await small.clock.advanceAsync(14_000);
    assert.deepEqual(small.heard.closes, []);
    await small.clock.advanceAsync(2_000);
    assert.deepEqual(small.heard.closes, [{ code: 1006, reason: "nothing was heard in time" }]);
    const large = await lane();
    send(large.connection, publish(1, "x".repeat(60_000)));
    await settled();
    await large.clock.advanceAsync(29_000);
    assert.deepEqual(large.heard.closes, []);
    await large.clock.advanceAsync(2_000);
    assert.equal(large.heard.closes.length, 1);
  });

  test("[TRANSPORT-25] the end of the connection stops the request, and nothing follows", async () => {
    const { far, heard, connection, clock } = await lane();
    send(connection, publish(1));
    await settled();
    send(connection, publish(2));
    connection.close();
    connection.close();
    assert.equal(far.to("send").isAborted, true);
    send(connection, publish(3));
    await settled();
    assert.deepEqual([heard.all, far.count("send"), clock.pendingCount], [[], 1, 0]);
  });
});
