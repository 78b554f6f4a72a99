import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RawSocketPeer } from "@parlor/testkit";
import { HeldLog } from "./support/held-log.ts";
import { freshKey, Peer } from "./support/peer.ts";
import { startParlor } from "./support/parlor-server.ts";
import { assertRefused, rawAnswer, readAnswer } from "./support/raw-http.ts";
import { assertAnswers, post } from "./support/rest.ts";

describe("POST /rooms/{room}/messages", () => {
  test("[REST-57] stores any JSON and answers 201 with its position", async (t) => {
    const { parlor, origin } = await startParlor(t);
    const bodies = ['"text"', "{}", '{"a":[1,null,true]}', "null", "0", '""', ' {"spaces" : 1 } ', "[]"];
    for (const [index, body] of bodies.entries()) {
      const response = await post(`${origin}/rooms/lobby/messages`, body);
      assert.equal(response.status, 201, body);
      const position = (await response.json()) as { epoch: string; offset: number };
      assert.deepEqual(Object.keys(position), ["epoch", "offset"]);
      assert.equal(position.offset, index + 1);
    }
    const { messages } = await parlor.room("lobby").read();
    assert.deepEqual(
      messages.map((message) => message.body),
      bodies.map((body) => JSON.parse(body) as unknown),
    );
  });

  test("[REST-58] with key, producer and seq follows rule 3, 409 where it is out of order", async (t) => {
    const { origin } = await startParlor(t);
    const url = `${origin}/rooms/lobby/messages`;
    const authorization = `Bearer ${freshKey()}`;
    const send = (seq: number | string, producer = "producer-1"): Promise<Response> =>
      post(url, '"x"', { authorization, "parlor-producer": producer, "parlor-seq": String(seq) });
    const position = async (response: Response): Promise<number> => {
      assert.equal(response.status, 201);
      return ((await response.json()) as { offset: number }).offset;
    };
    assert.equal(await position(await send(1)), 1);
    assert.equal(await position(await send(1)), 1);
    assert.equal(await position(await send(2)), 2);
    await assertAnswers(await send(4), 409, "out-of-order");
    await assertAnswers(await send(5, "producer-2"), 409, "unknown-producer");
    for (const seq of ["0", "-1", "1.5", "x", "", "9007199254740992", "1e3"]) {
      await assertAnswers(await send(seq), 400, "bad-frame");
    }
    for (const producer of ["short", "x".repeat(33), "sp ace-12"]) {
      await assertAnswers(await send(1, producer), 400, "bad-frame");
    }
    await assertAnswers(await post(url, "1", { authorization, "parlor-seq": "3" }), 400, "bad-frame");
    await assertAnswers(
      await post(url, "1", { authorization, "parlor-producer": "producer-1" }),
      400,
      "bad-frame",
    );
  });

  test("[REST-26] with a key that is none is bad-frame, an empty one too, whatever is asked for", async (t) => {
    const { origin, parlor } = await startParlor(t);
    const url = `${origin}/rooms/lobby/messages`;
    // The last two are what a script makes of a variable that is not set.
    for (const bearer of ["Bearer short", `Bearer ${"x".repeat(65)}`, "Bearer ", "bearer"]) {
      const headers = { authorization: bearer };
      await assertAnswers(await post(url, '"x"', headers), 400, "bad-frame");
      await assertAnswers(await post(url, '"x"', { ...headers, "idempotency-key": "k" }), 400, "bad-frame");
      for (const accept of ["application/json", "text/event-stream"]) {
        await assertAnswers(await fetch(url, { headers: { ...headers, accept } }), 400, "bad-frame");
      }
    }
    assert.deepEqual((await parlor.room("lobby").read()).messages, []);
  });

  test("[REST-59] with an Idempotency-Key is stored once, however often it is sent, with and without a key", async (t) => {
    const { origin, parlor } = await startParlor(t);
    const url = `${origin}/rooms/lobby/messages`;
    const key = freshKey();
    const senders: Record<string, string>[] = [
      {},
      { authorization: `Bearer ${key}` },
      { authorization: `Bearer ${freshKey()}` },
      // What a proxy in front asks for is no key of ours, and must not make a retry somebody else's.
      { authorization: `Basic ${Buffer.from("user:password").toString("base64")}` },
    ];
    const offsets: number[] = [];
    for (const sender of senders) {
      for (let i = 0; i < 3; i++) {
        const response = await post(url, '"once"', { ...sender, "idempotency-key": "order 4711 / Ä" });
        assert.equal(response.status, 201);
        offsets.push(((await response.json()) as { offset: number }).offset);
      }
    }
    // Without a key the string alone says who it is, so the last sender is the first one.
    assert.deepEqual(offsets, [1, 1, 1, 2, 2, 2, 3, 3, 3, 1, 1, 1]);
    const page = await parlor.room("lobby").read();
    // Its digits alone may stand in a time.
    assert.equal(JSON.stringify(page).includes("order"), false);
    assert.equal(page.messages[0]?.producer.length, 22);
    for (const bad of ["", "x".repeat(129)]) {
      await assertAnswers(await post(url, "1", { "idempotency-key": bad }), 400, "bad-frame");
    }
    const both = { "idempotency-key": "x", "parlor-producer": "producer-1", "parlor-seq": "1" };
    await assertAnswers(await post(url, "1", both), 400, "bad-frame");
  });

  test("[REST-60] without a key is from somebody new each time and leaves no producer behind (rule 9)", async (t) => {
    const log = new HeldLog();
    const { origin, parlor } = await startParlor(t, { log });
    const url = `${origin}/rooms/lobby/messages`;
    const named = { "parlor-producer": "producer-1", "parlor-seq": "1" };
    for (const headers of [{}, {}, named, { authorization: "Basic eDp5" }]) {
      assert.equal((await post(url, "1", headers)).status, 201);
    }
    assert.ok(log.asked.every((append) => !append.remember));
    const { messages } = await parlor.room("lobby").read();
    assert.equal(new Set(messages.map((message) => message.from)).size, 4);
    await assertAnswers(await post(url, "1", { ...named, "parlor-seq": "2" }), 409, "unknown-producer");
  });

  test("[REST-61] what a form of another site could send is 415, what is no JSON 400, what is too large 413 (O15)", async (t) => {
    const { origin, log, port } = await startParlor(t, { maxBodyBytes: 1_000 });
    const url = `${origin}/rooms/lobby/messages`;
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data",
      "application/octet-stream",
    ]) {
      await assertAnswers(await post(url, '"x"', { "content-type": type }), 415, "bad-frame");
    }
    const bare = await rawAnswer(
      port,
      'POST /rooms/lobby/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n"x"',
    );
    assertRefused(bare, 415, "bad-frame");
    const deep = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
    for (const body of [
      "",
      "{",
      "NaN",
      "1e400",
      '{"a":1}{"b":2}',
      "undefined",
      "'x'",
      deep(100),
      deep(1_300),
    ]) {
      await assertAnswers(await post(url, body), 400, "bad-frame");
    }
    await assertAnswers(await post(url, `"${"x".repeat(999)}"`), 413, "too-large");
    await assertAnswers(await post(url, `"${"x".repeat(300_000)}"`), 413, "too-large");
    const gzip = await post(url, '"x"', { "content-encoding": "gzip" });
    await assertAnswers(gzip, 415, "bad-frame");
    assert.equal((await log.head("lobby")).head, 0);
    assert.equal((await post(url, `"${"x".repeat(998)}"`)).status, 201);
    assert.equal((await post(url, deep(99))).status, 201);
    assert.equal(
      (await post(url, '"x"', { "content-type": "application/x-ndjson; charset=utf-8" })).status,
      201,
    );
  });

  test("[REST-62] nesting of a hundred thousand levels is bad-frame as well, and nobody notices (B37)", async (t) => {
    const { origin } = await startParlor(t);
    const url = `${origin}/rooms/lobby/messages`;
    await assertAnswers(await post(url, "[".repeat(100_000) + "]".repeat(100_000)), 400, "bad-frame");
    await assertAnswers(await post(url, '{"a":'.repeat(40_000) + "1" + "}".repeat(40_000)), 400, "bad-frame");
  });

  test("[REST-63] an endless body is refused at the limit, and its sender sees the answer (B40)", async (t) => {
    const { port } = await startParlor(t);
    using peer = await RawSocketPeer.connect({ port });
    peer.write(
      "POST /rooms/lobby/messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    const chunk = `8000\r\n${"1".repeat(0x8000)}\r\n`;
    for (let i = 0; i < 20; i++) peer.write(chunk);
    assertRefused(await readAnswer(peer), 413, "too-large");
    await peer.closed();
  });

  test("[REST-64] beyond the rate is 429 with Retry-After, and a retry of what is stored is still 201", async (t) => {
    const { origin, log } = await startParlor(t, { publishPerSecond: 1 });
    const url = `${origin}/rooms/lobby/messages`;
    const authorization = `Bearer ${freshKey()}`;
    const send = (seq: number): Promise<Response> =>
      post(url, '"x"', { authorization, "parlor-producer": "producer-1", "parlor-seq": String(seq) });
    for (let seq = 1; seq <= 5; seq++) assert.equal((await send(seq)).status, 201);
    const refused = await send(6);
    assert.match(refused.headers.get("retry-after") ?? "", /^[1-9]$/);
    await assertAnswers(refused, 429, "rate-limited");
    for (let i = 0; i < 20; i++) assert.equal((await send(5)).status, 201);
    assert.equal((await log.head("lobby")).head, 5);
  });

  test("[REST-65] while the log can't take it is 503 with Retry-After", async (t) => {
    const log = new HeldLog();
    const { origin } = await startParlor(t, { log });
    log.fill();
    const response = await post(`${origin}/rooms/lobby/messages`, "1");
    assert.equal(response.headers.get("retry-after"), "1");
    await assertAnswers(response, 503, "unavailable");
  });

  test("[REST-66] is delivered to who is subscribed", async (t) => {
    const { origin, port } = await startParlor(t);
    const peer = await Peer.join(t, port);
    await peer.subscribe("caf\u00e9 & co/1");
    const url = `${origin}/rooms/${encodeURIComponent("caf\u00e9 & co/1")}/messages`;
    assert.equal((await post(url, '"hello"')).status, 201);
    const { messages, room } = await peer.next("messages");
    assert.deepEqual([room, messages[0]?.body], ["caf\u00e9 & co/1", "hello"]);
  });
});
