import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { defineContract, type Contract, type StandardSchema } from "@parlor/contract";
import type { ReplyFrame } from "@parlor/protocol";
import { Parlor } from "@parlor/server";
import { FakeClock } from "@parlor/testkit";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import { exchange, helloFrame, named } from "./support/exchange.ts";
import { freshKey, Peer, TextSocket } from "./support/peer.ts";
import { startParlor, type RunningParlor } from "./support/parlor-server.ts";
import { assertAnswers, post, type RestPage } from "./support/rest.ts";

const TIMEOUT = { timeout: 30_000 };

/** The same contract, said in each library: `{ text, tags: [{ name }] }`, and requests from a text to a name. */
const LIBRARIES: Readonly<Record<string, Contract>> = {
  zod: roomsOf(
    z.object({ text: z.string(), tags: z.array(z.object({ name: z.string() })).default([]) }),
    z.string(),
    z.object({ name: z.string() }),
  ),
  valibot: roomsOf(
    v.object({ text: v.string(), tags: v.optional(v.array(v.object({ name: v.string() })), []) }),
    v.string(),
    v.object({ name: v.string() }),
  ),
  arktype: roomsOf(
    type({
      "+": "delete",
      text: "string",
      tags: type({ name: "string" })
        .array()
        .default(() => []),
    }),
    type("string"),
    type({ "+": "delete", name: "string" }),
  ),
};

function roomsOf(body: StandardSchema, params: StandardSchema, result: StandardSchema): Contract {
  return defineContract({
    rooms: { "chat:*": { message: body, state: body, signal: body }, "@*": { message: body } },
    requests: { rename: { params, result } },
  });
}

const GOOD = { text: "hello", tags: [{ name: "a" }] };
const BAD = { text: "hello", tags: [{ name: "a" }, { name: 7 }] };
/** The path of what is wrong with `BAD`. */
const AT = /declared for "chat:\*": at (body|value)\.tags\[1\]\.name, \S+.*\.$/;

for (const [library, contract] of Object.entries(LIBRARIES)) {
  describe(`a contract said in ${library}`, TIMEOUT, () => {
    test("[CONTRACT-1] on every road what does not fit is refused with its path and stored nowhere, and what fits is taken", async (t) => {
      const server = await startParlor(t, { contract });
      const { origin, port, log, parlor } = server;
      const peer = await Peer.join(t, port);
      peer.send({ type: "publish", room: "chat:1", seq: 1, body: BAD });
      const refused = await peer.next("refused");
      assert.deepEqual([refused.seq, refused.code], [1, "bad-frame"]);
      assert.match(refused.message, AT);
      peer.send({ type: "set", room: "chat:1", key: "k", value: BAD, id: 9 });
      const unset = await peer.next("error");
      assert.deepEqual([unset.code, unset.key, unset.id], ["bad-frame", "k", 9]);
      assert.match(unset.message, AT);
      peer.send({ type: "signal", room: "chat:1", body: BAD });
      const unsaid = await peer.next("error");
      assert.deepEqual([unsaid.to, unsaid.code], ["signal", "bad-frame"]);
      assert.match(unsaid.message, AT);
      const sent = await exchange(
        origin,
        "send",
        helloFrame(),
        { type: "publish", room: "chat:1", seq: 1, body: BAD },
        { type: "signal", room: "chat:1", body: BAD },
        { type: "set", room: "chat:1", key: "k", value: BAD, id: 1 },
      );
      assert.deepEqual(sent.map(named), [
        "refused chat:1 1 bad-frame",
        "error chat:1 bad-frame",
        "error chat:1 1 bad-frame",
      ]);
      const url = `${origin}/rooms/chat:1/messages`;
      await assertAnswers(await post(url, JSON.stringify(BAD)), 400, "bad-frame");
      const plain = await TextSocket.open(t, `ws://127.0.0.1:${port}/rooms/chat:1`);
      plain.sendText("a plain text");
      assert.equal(((await plain.json())["error"] as { code: string }).code, "bad-frame");
      const once = "a form that was sent";
      const visited = await publishByForm(t, server, { room: "chat:1", body: BAD, once });
      assert.ok("code" in visited && visited.code === "bad-frame");
      for (const own of [
        () => parlor.room("chat:1").publish(BAD),
        () => parlor.room("chat:1").set("k", BAD),
        () => parlor.identity("ada").push(BAD),
        async () => parlor.room("chat:1").signal(BAD),
      ]) {
        await assert.rejects(own, { code: "bad-frame", message: /\.tags\[1\]\.name/ });
      }
      for (const room of ["chat:1", "@ada"]) assert.equal((await log.head(room)).head, 0);
      assert.equal((await parlor.room("chat:1").state()).size, 0);

      peer.send({ type: "publish", room: "chat:1", seq: 2, afterSeq: 0, body: GOOD });
      await peer.next("ack");
      assert.equal((await post(url, JSON.stringify(GOOD))).status, 201);
      assert.ok("offset" in (await publishByForm(t, server, { room: "chat:1", body: GOOD, once })));
      await parlor.room("chat:1").publish(GOOD);
      await parlor.identity("ada").push(GOOD);
      peer.send({ type: "set", room: "chat:1", key: "k", value: GOOD, id: 10 });
      await peer.next("reply");
      assert.equal((await log.head("chat:1")).head, 4);
      peer.send({ type: "set", room: "chat:1", key: "k", value: null, id: 11 });
      await peer.next("reply");
      assert.equal(
        (await parlor.room("chat:1").state()).size,
        0,
        "null removes a key whatever its values are",
      );
    });

    test("[CONTRACT-2] what fits goes on as the schema made it: hook, log, readers and state have its defaults, and not what it strips", async (t) => {
      const asked: unknown[] = [];
      const { origin, port, parlor } = await startParlor(t, {
        contract,
        authorize: ({ action, body }) => {
          if (action === "publish" || action === "set") asked.push(body);
          return true;
        },
      });
      const [peer, reader] = [await Peer.join(t, port), await Peer.join(t, port)];
      const given = { text: "hello", secret: "not asked for" };
      const made = { text: "hello", tags: [] };
      await reader.subscribe("chat:1", { signals: true });
      peer.send({ type: "signal", room: "chat:1", body: given });
      assert.deepEqual((await reader.next("signal")).body, made);
      parlor.room("chat:1").signal(given);
      assert.deepEqual((await reader.next("signal")).body, made);
      await peer.publish("chat:1", 1, given);
      assert.deepEqual((await reader.next("messages")).messages[0]?.body, made);
      await post(`${origin}/rooms/chat:1/messages`, JSON.stringify(given));
      await parlor.room("chat:1").publish(given);
      peer.send({ type: "set", room: "chat:1", key: "k", value: given, id: 1 });
      await peer.next("reply");
      const page = (await (await fetch(`${origin}/rooms/chat:1/messages`)).json()) as RestPage;
      assert.deepEqual(
        page.messages.map(({ body }) => body),
        [made, made, made],
      );
      assert.deepEqual((await parlor.room("chat:1").state()).get("k"), made);
      assert.deepEqual(asked, [made, made, made]);
    });

    test("[CONTRACT-4] a handler is given parameters that fit alone, and what it answers is checked, too", async (t) => {
      const given: unknown[] = [];
      const told: string[] = [];
      const answers: unknown[] = [{ name: "Ada", secret: 1 }, { nam: "a secret" }];
      const server = await startParlor(t, {
        contract,
        logger: { info() {}, warn() {}, error: (sentence: string) => void told.push(sentence) },
        requests: {
          rename: ({ params }) => {
            given.push(params);
            return answers.shift();
          },
        },
      });
      const peer = await Peer.join(t, server.port);
      const ask = async (params: unknown): Promise<ReplyFrame> => {
        peer.send({ type: "request", id: 4, method: "rename", params });
        return peer.next("reply");
      };
      for (const params of [7, undefined]) {
        const { error } = await ask(params);
        assert.equal(error?.code, "bad-frame");
        assert.match(error.message, /declared for "rename": at params, \S+/);
      }
      assert.deepEqual(given, []);
      assert.deepEqual((await ask("Ada")).result, { name: "Ada" });
      assert.equal((await ask("Ada")).error?.code, "internal");
      assert.deepEqual(given, ["Ada", "Ada"]);
      assert.match(told.join(), /contract/);
      assert.doesNotMatch(told.join(), /secret/);
      const sent = await exchange(server.origin, "send", helloFrame(), {
        type: "request",
        id: 1,
        method: "rename",
        params: 7,
      });
      assert.equal(sent[0]?.type === "reply" && sent[0].error?.code, "bad-frame");
    });
  });
}

/** A schema of nobody's, which says what a test wants. */
function schema(validate: (value: unknown) => unknown): StandardSchema {
  return { "~standard": { version: 1, vendor: "test", validate } } as StandardSchema;
}

const message = (validate: (value: unknown) => unknown) => ({ message: schema(validate) });
const refuse = (words: string) => message(() => ({ issues: [{ message: words }] }));

describe("a contract", TIMEOUT, () => {
  test("[CONTRACT-3] of patterns that fit a room its own name counts, then the longest; a room that none fits is not checked", async (t) => {
    const contract = defineContract({
      rooms: {
        "*": refuse("every room"),
        "a:*": refuse("a"),
        "a:b": message((value) => ({ value })),
        "a:b*": refuse("a b"),
      },
    });
    const { origin } = await startParlor(t, { contract });
    const said = async (at: string, room: string): Promise<string> =>
      (await post(`${at}/rooms/${room}/messages`, "1")).text();
    assert.match(await said(origin, "a:b"), /offset/);
    assert.match(await said(origin, "a:bc"), /"a:b\*\\": at body, a b\./);
    assert.match(await said(origin, "a:c"), /at body, a\./);
    assert.match(await said(origin, "other"), /every room/);
    const other = await startParlor(t, { contract: { rooms: { "a:*": refuse("a") } } });
    assert.match(await said(other.origin, "constructor"), /offset/);
  });

  test("[CONTRACT-5] a schema may take its time: one room keeps its order and holds back no other", async (t) => {
    const gate = Promise.withResolvers<void>();
    const contract = {
      rooms: {
        slow: message(async (value) => {
          if (value === 1) await gate.promise;
          return { value };
        }),
      },
    };
    const { port, log } = await startParlor(t, { contract });
    const peer = await Peer.join(t, port);
    for (const seq of [1, 2]) peer.send({ type: "publish", room: "slow", seq, body: seq });
    await peer.publish("quick", 1, "past them");
    assert.equal((await log.head("slow")).head, 0);
    gate.resolve();
    assert.deepEqual([(await peer.next("ack")).offset, (await peer.next("ack")).offset], [1, 2]);
  });

  test("[CONTRACT-6] one that throws, answers nonsense, makes what JSON can't say or takes over 10 s refuses as internal, and the logger is told without its words", async (t) => {
    const told: string[] = [];
    const clock = new FakeClock();
    const asked = Promise.withResolvers<void>();
    const contract = {
      rooms: {
        throws: message(() => {
          throw new Error("the secret");
        }),
        rejects: message(() => Promise.reject(new Error("the secret"))),
        nonsense: message(() => 7),
        empty: message(() => ({})),
        bigint: message(() => ({ value: 1n })),
        hangs: message(() => {
          asked.resolve();
          return new Promise(() => {});
        }),
        grows: message(() => ({ value: "x".repeat(1_000) })),
      },
    };
    const { port, log } = await startParlor(t, {
      contract,
      clock,
      maxBodyBytes: 1_000,
      logger: { info() {}, warn() {}, error: (sentence: string) => void told.push(sentence) },
    });
    const peer = await Peer.join(t, port);
    const bad = ["throws", "rejects", "nonsense", "empty", "bigint"];
    for (const room of bad) {
      peer.send({ type: "publish", room, seq: 1, body: "x" });
      assert.equal((await peer.next("refused")).code, "internal", room);
    }
    peer.send({ type: "publish", room: "grows", seq: 1, body: "x" });
    assert.equal((await peer.next("refused")).code, "too-large");
    peer.send({ type: "publish", room: "hangs", seq: 1, body: "x" });
    await asked.promise;
    clock.advance(10_000);
    assert.equal((await peer.next("refused")).code, "internal");
    for (const room of Object.keys(contract.rooms)) assert.equal((await log.head(room)).head, 0);
    assert.equal(told.length, bad.length + 1);
    assert.doesNotMatch(told.join(), /secret/);
  });

  test("[CONTRACT-5] a signal of the server's own waits for its schema, and one that does not fit is told to the logger", async (t) => {
    const told = Promise.withResolvers<string>();
    const late = schema(async (value) =>
      value === 1 ? { value: "one" } : { issues: [{ message: "not one" }] },
    );
    const { parlor, port } = await startParlor(t, {
      contract: { rooms: { late: { signal: late } } },
      logger: { info() {}, warn() {}, error: told.resolve },
    });
    const peer = await Peer.join(t, port);
    await peer.subscribe("late", { signals: true });
    parlor.room("late").signal(2);
    parlor.room("late").signal(1);
    assert.equal((await peer.next("signal")).body, "one");
    assert.match(await told.promise, /signal/);
  });

  test("[CONTRACT-6] an issue of any length and kind becomes one sentence", async (t) => {
    const path = [{ key: "a" }, Symbol("s"), 3, "x".repeat(10_000)];
    const contract = {
      rooms: {
        long: message(() => ({ issues: [{ message: "y".repeat(10_000), path }, {}, {}] })),
        none: message(() => ({ issues: [] })),
      },
    };
    const { parlor } = await startParlor(t, { contract });
    const fault = async (room: string): Promise<string> =>
      parlor
        .room(room)
        .publish(1)
        .then(
          () => "",
          (error: Error) => error.message,
        );
    const long = await fault("long");
    assert.match(long, /at body\.a\.Symbol\(s\)\[3\]\.x+…, y+… \(and 2 more\)\.$/);
    assert.ok(long.length < 600);
    assert.match(await fault("none"), /at body, it is refused\.$/);
  });

  test("[CONTRACT-7] what can't be one is told when the server is made", async (t) => {
    const { log } = await startParlor(t);
    const make = (contract: unknown) => () =>
      new Parlor({ log, contract: contract as { rooms?: undefined } });
    assert.throws(make({ rooms: { "a*b": {} } }), { code: "bad-option", message: /a\*b/ });
    assert.throws(make({ rooms: { a: { message: { parse() {} } } } }), {
      code: "bad-option",
      message: /message of "a"/,
    });
    assert.throws(make({ requests: { rename: { params: 7 } } }), {
      code: "bad-option",
      message: /params of "rename"/,
    });
    assert.throws(() => defineContract({ rooms: { "*a": {} } }), TypeError);
  });
});

/** Publishes as a page without a script does: through the host. */
async function publishByForm(
  t: TestContext,
  { parlor }: RunningParlor,
  publish: { readonly room: string; readonly body: unknown; readonly once: string },
): Promise<object> {
  const published = Promise.withResolvers<object>();
  const server = createServer((request, response) =>
    parlor.visit(request, response, async (visit) => {
      published.resolve(await visit.publish(publish, { key: freshKey() }));
      visit.answer(200, {}, "");
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return published.promise;
}
