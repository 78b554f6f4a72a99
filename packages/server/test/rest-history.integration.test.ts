import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RawSocketPeer } from "@parlor/testkit";
import { HeldLog } from "./support/held-log.ts";
import { startParlor } from "./support/parlor-server.ts";
import { readAnswer } from "./support/raw-http.ts";
import { assertAnswers, type RestPage } from "./support/rest.ts";

describe("GET /rooms/{room}/messages", () => {
  test("[REST-50] is the newest 50, ascending; before and after turn pages in their direction", async (t) => {
    const { parlor, origin } = await startParlor(t);
    for (let i = 1; i <= 120; i++) await parlor.room("lobby").publish(i);
    const page = async (query: string): Promise<[number | undefined, number | undefined, boolean]> => {
      const response = await fetch(`${origin}/rooms/lobby/messages${query}`);
      const { messages, more, head, earliest } = (await response.json()) as RestPage;
      assert.deepEqual([head, earliest], [120, 1]);
      assert.ok(messages.every((message, i) => message.offset === (messages[0]?.offset ?? 0) + i));
      return [messages[0]?.offset, messages.at(-1)?.offset, more];
    };
    assert.deepEqual(await page(""), [71, 120, true]);
    assert.deepEqual(await page("?limit=500"), [1, 120, false]);
    assert.deepEqual(await page("?limit=1"), [120, 120, true]);
    assert.deepEqual(await page("?before=71"), [21, 70, true]);
    assert.deepEqual(await page("?before=21"), [1, 20, false]);
    assert.deepEqual(await page("?before=1"), [undefined, undefined, false]);
    assert.deepEqual(await page("?before=0"), [undefined, undefined, false]);
    assert.deepEqual(await page("?before=9007199254740991&limit=2"), [119, 120, true]);
    assert.deepEqual(await page("?after=0"), [1, 50, true]);
    assert.deepEqual(await page("?after=70"), [71, 120, false]);
    assert.deepEqual(await page("?after=69"), [70, 119, true]);
    assert.deepEqual(await page("?after=120"), [undefined, undefined, false]);
    assert.deepEqual(await page("?after=500"), [undefined, undefined, false]);
    assert.deepEqual(await page("?unknown=x&limit=3"), [118, 120, true]);
  });

  test("[REST-51] of a room that nobody wrote to is an empty page, and reading stores nothing", async (t) => {
    const { origin, log } = await startParlor(t);
    const response = await fetch(`${origin}/rooms/nowhere/messages`);
    const page = (await response.json()) as RestPage;
    assert.deepEqual({ ...page, epoch: "" }, { epoch: "", earliest: 1, head: 0, messages: [], more: false });
    assert.ok(page.epoch.length > 0);
    assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
    assert.deepEqual(await log.rooms("", 5), []);
  });

  test("[REST-52] parameters that are none are bad-frame with their name", async (t) => {
    const { origin } = await startParlor(t);
    for (const query of [
      "limit=0",
      "limit=501",
      "limit=-1",
      "limit=1.5",
      "limit=",
      "limit=1e2",
      "limit=%D9%A3",
      "before=-1",
      "before=x",
      "before=9007199254740992",
      "before=01",
      "after=-1",
      "after=",
      "after=%00",
      "after=1&before=5",
      "related=maybe",
    ]) {
      const response = await fetch(`${origin}/rooms/lobby/messages?${query}`);
      assert.equal(response.status, 400, query);
      const { error } = (await response.json()) as { error: { code: string; message: string } };
      assert.equal(error.code, "bad-frame");
      assert.match(error.message, new RegExp(query.split("=", 1)[0] ?? ""), query);
    }
  });

  test("[REST-53] a page ends at 256 KiB with more, in either direction, and holds at least one message", async (t) => {
    const { parlor, origin } = await startParlor(t, { maxBodyBytes: 400_000 });
    const room = parlor.room("lobby");
    // Three bytes each in UTF-8, so that counting characters would let three times as much through.
    for (let i = 0; i < 20; i++) await room.publish("€".repeat(10_000));
    for (const query of ["?limit=500", "?limit=500&after=0"]) {
      const response = await fetch(`${origin}/rooms/lobby/messages${query}`);
      const text = await response.text();
      const { messages, more } = JSON.parse(text) as RestPage;
      assert.ok(Buffer.byteLength(text) <= 262_144 + 500 && Buffer.byteLength(text) > 230_000);
      assert.equal(more, true);
      assert.equal(
        query.includes("after") ? messages[0]?.offset : messages.at(-1)?.offset,
        query.includes("after") ? 1 : 20,
      );
    }
    await room.publish("x".repeat(390_000));
    const large = (await (await fetch(`${origin}/rooms/lobby/messages?limit=2`)).json()) as RestPage;
    assert.deepEqual([large.messages.length, large.messages[0]?.offset, large.more], [1, 21, true]);
  });

  test("[REST-54] related brings the later messages about those of the page, newest 100 each, and only then", async (t) => {
    const { parlor, origin } = await startParlor(t);
    const room = parlor.room("lobby");
    await room.publish("question");
    await room.publish("other");
    for (let i = 0; i < 105; i++) await room.publish(`answer ${i}`, { re: 1 });
    await room.publish("about the other", { re: 2 });
    const url = `${origin}/rooms/lobby/messages?after=0&limit=1`;
    const page = (await (await fetch(`${url}&related=true`)).json()) as RestPage;
    assert.deepEqual(
      page.messages.map((message) => message.body),
      ["question"],
    );
    assert.equal(page.related?.length, 100);
    assert.deepEqual([page.related?.[0]?.body, page.related?.at(-1)?.body], ["answer 5", "answer 104"]);
    assert.ok(page.related?.every((message) => message.re === 1));
    assert.equal("related" in ((await (await fetch(url)).json()) as RestPage), false);
  });

  test("[REST-71] an author's edit is in related however many others said something since, and the newest 100 are, too", async (t) => {
    const { parlor, origin, log } = await startParlor(t);
    const room = parlor.room("lobby");
    await room.publish({ text: "befor" });
    await room.publish({ text: "before" }, { re: 1 });
    for (let seq = 1; seq <= 150; seq++) {
      const said = { room: "lobby", from: "somebody-else", producer: "a-producer", seq, afterSeq: seq - 1 };
      const bodyJson = JSON.stringify({ react: `mark ${seq}` });
      await log.append({ ...said, bodyJson, re: 1, remember: true, admit: "any" });
    }
    const url = `${origin}/rooms/lobby/messages?after=0&limit=1&related=true`;
    const { related = [] } = (await (await fetch(url)).json()) as RestPage;
    assert.deepEqual(related[0]?.body, { text: "before" });
    assert.deepEqual(
      related.slice(1).map(({ offset }) => offset),
      Array.from({ length: 100 }, (_, index) => 53 + index),
    );
  });

  test("[REST-55] an erased body keeps its place, and a trimmed room says where it begins", async (t) => {
    const { parlor, origin } = await startParlor(t);
    const room = parlor.room("lobby");
    for (const body of ["a", "b", "c", "d"]) await room.publish(body);
    await room.trim(2);
    await room.redact(3);
    const page = (await (await fetch(`${origin}/rooms/lobby/messages?after=0`)).json()) as RestPage;
    assert.deepEqual([page.earliest, page.head], [2, 4]);
    assert.deepEqual(
      page.messages.map(({ offset, body, redacted }) => [offset, body, redacted]),
      [
        [2, "b", undefined],
        [3, null, true],
        [4, "d", undefined],
      ],
    );
  });

  test("[REST-56] HEAD is the same without a body, and answers that were negotiated say so", async (t) => {
    const { parlor, origin } = await startParlor(t);
    await parlor.room("lobby").publish("x");
    const url = `${origin}/rooms/lobby/messages`;
    const [get, head] = [await fetch(url), await fetch(url, { method: "HEAD" })];
    assert.equal(head.status, 200);
    assert.equal(head.headers.get("content-length"), get.headers.get("content-length"));
    for (const response of [get, head, await fetch(`${url}?limit=0`)]) {
      const vary = (response.headers.get("vary") ?? "").split(/, */);
      assert.ok(vary.includes("Accept") && vary.includes("Origin"), vary.join());
      assert.equal(response.headers.get("x-content-type-options"), "nosniff");
      assert.equal(response.headers.get("cache-control"), "no-store");
      await response.body?.cancel();
    }
  });
});

describe("requests in one segment", () => {
  test("[GROW-64] a few are answered in order, the next is refused in words and the connection is over, and none holds more", async (t) => {
    const { parlor, port } = await startParlor(t);
    for (let i = 0; i < 10; i++) await parlor.room("lobby").publish("x".repeat(30_000));
    using peer = await RawSocketPeer.connect({ port });
    peer.pause();
    const heapBefore = process.memoryUsage().heapUsed;
    peer.write("GET /rooms/lobby/messages?limit=500 HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(900));
    // Requests of others are answered meanwhile, so all of these have been looked at.
    for (let i = 0; i < 50; i++) await (await fetch(`http://127.0.0.1:${port}/healthz`)).text();
    const grownMb = (process.memoryUsage().heapUsed - heapBefore) / 2 ** 20;
    assert.ok(grownMb < 50, `${grownMb.toFixed(1)} MB are held`);
    peer.resume();
    const statuses = [];
    for (let i = 0; i < 5; i++) statuses.push((await readAnswer(peer)).status);
    assert.deepEqual(statuses, [200, 200, 200, 200, 429]);
    await peer.closed();
  });

  test("[GROW-65] one after the other, a connection may ask for ever", async (t) => {
    const { port } = await startParlor(t);
    using peer = await RawSocketPeer.connect({ port });
    for (let i = 0; i < 50; i++) {
      peer.write("GET /rooms/lobby/messages HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assert.equal((await readAnswer(peer)).status, 200);
    }
  });
});

describe("other requests", () => {
  test("[REST-67] a method that an address does not take is 405 with those that it takes", async (t) => {
    const { origin } = await startParlor(t);
    for (const [path, methods] of [
      ["rooms/lobby/messages", ["PUT", "DELETE", "PATCH"]],
      ["healthz", ["POST", "DELETE"]],
      ["readyz", ["POST"]],
      ["metrics", ["POST"]],
      ["connect", ["POST", "DELETE"]],
      ["rooms/lobby", ["POST", "DELETE"]],
    ] as const) {
      for (const method of methods) {
        const response = await fetch(`${origin}/${path}`, { method });
        assert.match(response.headers.get("allow") ?? "", /GET/, `${method} ${path}`);
        await assertAnswers(response, 405, "unknown-frame");
      }
    }
  });

  test("[REST-68] an address of nobody is 404, a WebSocket's without an upgrade 426", async (t) => {
    const { origin } = await startParlor(t);
    for (const path of [
      "",
      "nowhere",
      "rooms",
      "rooms/lobby/members",
      "rooms/lobby/messages/",
      "rooms/a/b/messages",
      "connect/else",
      "Healthz",
    ]) {
      await assertAnswers(await fetch(`${origin}/${path}`), 404, "unknown-frame");
    }
    for (const path of ["connect", "rooms/lobby"]) {
      const response = await fetch(`${origin}/${path}`);
      assert.equal(response.headers.get("upgrade"), "websocket");
      await assertAnswers(response, 426, "bad-frame");
    }
  });

  test("[REST-69] healthz says alive, readyz ready, and 503 in words while the log can't take a publish", async (t) => {
    const log = new HeldLog();
    const { origin } = await startParlor(t, { log });
    assert.equal((await fetch(`${origin}/healthz`)).status, 200);
    assert.equal((await fetch(`${origin}/readyz`)).status, 200);
    await log.close();
    assert.equal((await fetch(`${origin}/healthz`)).status, 200);
    const response = await fetch(`${origin}/readyz`);
    assert.ok(response.headers.has("retry-after"));
    await assertAnswers(response, 503, "unavailable");
  });
});
