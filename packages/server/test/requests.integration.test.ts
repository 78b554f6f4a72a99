import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import type { ReplyFrame } from "@parlor/protocol";
import { CodedError, type ParlorOptions, type RequestQuestion } from "@parlor/server";
import { FakeClock } from "@parlor/testkit";
import { exchange, helloFrame, named } from "./support/exchange.ts";
import { Peer } from "./support/peer.ts";
import { within } from "./support/within.ts";
import { startParlor, type RunningParlor } from "./support/parlor-server.ts";

const TIMEOUT = { timeout: 30_000 };

/** Asks over a WebSocket, or by a request of its own; gives the reply. */
const ROADS: Readonly<
  Record<string, (t: TestContext, server: RunningParlor, asked: object) => Promise<ReplyFrame>>
> = {
  websocket: async (t, { port }, asked) => {
    const peer = await Peer.join(t, port);
    peer.send({ type: "request", id: 4, ...asked });
    return peer.next("reply");
  },
  send: async (_t, { origin }, asked) => {
    const [reply, ...rest] = await exchange(origin, "send", helloFrame(), {
      type: "request",
      id: 4,
      ...asked,
    });
    assert.deepEqual(rest, []);
    return reply as ReplyFrame;
  },
};

function startWith(
  t: TestContext,
  requests: ParlorOptions["requests"],
  options: Partial<ParlorOptions> = {},
) {
  return startParlor(t, { requests, ...options });
}

/** A handler that a test answers by hand; the questions in the order in which they came. */
function byHand() {
  const questions: (RequestQuestion & { answer(result: unknown): void })[] = [];
  let onQuestion = (): void => undefined;
  return {
    questions,
    handler: (question: RequestQuestion): Promise<unknown> =>
      new Promise((answer) => {
        questions.push({ ...question, answer });
        onQuestion();
      }),
    until: (count: number): Promise<void> =>
      new Promise((resolve) => {
        onQuestion = () => {
          if (questions.length >= count) resolve();
        };
        onQuestion();
      }),
  };
}

for (const [road, ask] of Object.entries(ROADS)) {
  describe(`requests over ${road}`, TIMEOUT, () => {
    test("[REQUEST-1] a handler is given the parameters and who asks, and its answer comes with the id of its question", async (t) => {
      const server = await startWith(t, {
        echo: ({ params, identity }) => ({ params, characters: identity.length }),
        nothing: async () => undefined,
      });
      const reply = await ask(t, server, { method: "echo", params: { name: "Ada", n: [1, null] } });
      assert.deepEqual(reply, {
        type: "reply",
        id: 4,
        result: { params: { name: "Ada", n: [1, null] }, characters: 22 },
      });
      assert.deepEqual(await ask(t, server, { method: "echo" }), {
        type: "reply",
        id: 4,
        result: { characters: 22 },
      });
      assert.deepEqual(await ask(t, server, { method: "nothing" }), { type: "reply", id: 4, result: null });
    });

    test("[REQUEST-2] what a handler throws with a code reaches the page with it; anything else is internal without its words", async (t) => {
      const told: string[] = [];
      const logger = { info() {}, warn() {}, error: (sentence: string) => void told.push(sentence) };
      const thrown: Readonly<Record<string, unknown>> = {
        coded: new CodedError("name-taken", "Somebody has that name.", { retryAfterMs: 7.2 }),
        plain: new Error("the secret of the database"),
        system: Object.assign(new Error("open '/etc/secret'"), { code: "ENOENT" }),
        text: "the secret in a text",
      };
      const server = await startWith(
        t,
        {
          fail: ({ params }) => Promise.reject(thrown[String(params)]),
          cycle: () => {
            const cycle: Record<string, unknown> = {};
            return Object.assign(cycle, { cycle });
          },
          big: () => "x".repeat(65_536),
          func: () => () => 1,
          deep: () => JSON.parse("[".repeat(100) + "]".repeat(100)) as unknown,
        },
        { logger },
      );
      assert.deepEqual((await ask(t, server, { method: "fail", params: "coded" })).error, {
        code: "name-taken",
        message: "Somebody has that name.",
        retryAfterMs: 8,
      });
      for (const params of ["plain", "system", "text"]) {
        const { error } = await ask(t, server, { method: "fail", params });
        assert.equal(error?.code, "internal", params);
        assert.doesNotMatch(error.message, /secret/);
      }
      for (const method of ["cycle", "big", "func", "deep"]) {
        assert.equal((await ask(t, server, { method })).error?.code, "internal", method);
      }
      assert.equal(told.length, 7);
      assert.doesNotMatch(told.join(), /secret/);
    });

    test("[REQUEST-3] a method that nobody registered is unknown-method, be it the name of something that every object has", async (t) => {
      const server = await startWith(t, { rename: () => 1 });
      for (const method of ["dance", "constructor", "__proto__", "toString"]) {
        assert.equal((await ask(t, server, { method })).error?.code, "unknown-method", method);
      }
    });

    test("[REQUEST-4] authorize is asked with the method as its room and the parameters as its body, and a refusal keeps the handler still", async (t) => {
      const asked: unknown[] = [];
      let runs = 0;
      const server = await startWith(
        t,
        { rename: () => ++runs },
        {
          authorize: ({ action, room, body }) => {
            asked.push([action, room, body]);
            return body === "yes" ? true : { code: "forbidden", message: "Not you." };
          },
        },
      );
      const refused = await ask(t, server, { method: "rename", params: "no" });
      assert.deepEqual(refused.error, { code: "forbidden", message: "Not you." });
      assert.equal(runs, 0);
      assert.equal((await ask(t, server, { method: "rename", params: "yes" })).result, 1);
      assert.deepEqual(asked, [
        ["request", "rename", "no"],
        ["request", "rename", "yes"],
      ]);
    });

    test("[REQUEST-5] behind its deadline a request is answered deadline, and its handler's signal aborts", async (t) => {
      const { questions, handler } = byHand();
      const server = await startWith(t, { slow: handler }, { requestTimeoutMs: 20 });
      const { error } = await ask(t, server, { method: "slow" });
      assert.equal(error?.code, "deadline");
      assert.equal(questions[0]?.signal.aborted, true);
    });

    test("[REQUEST-17] a handler that stops as its signal says is no fault of the server's, and is not told to the operator", async (t) => {
      const faults: string[] = [];
      const logger = { info() {}, warn() {}, error: (message: string) => void faults.push(message) };
      const stop = ({ signal }: RequestQuestion): Promise<never> =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
      const server = await startWith(t, { stop }, { requestTimeoutMs: 20, logger });
      assert.equal((await ask(t, server, { method: "stop" })).error?.code, "deadline");
      const metrics = await (await fetch(`${server.origin}/metrics`)).text();
      assert.match(metrics, /internal_faults_total 0\n/);
      assert.deepEqual(faults, []);
    });

    test("[REQUEST-7] parameters above maxBodyBytes are too-large, and the largest that are not are taken", async (t) => {
      const server = await startWith(
        t,
        { size: ({ params }) => String(params).length },
        { maxBodyBytes: 100 },
      );
      assert.equal((await ask(t, server, { method: "size", params: "x".repeat(98) })).result, 98);
      const { error } = await ask(t, server, { method: "size", params: "x".repeat(99) });
      assert.equal(error?.code, "too-large");
    });
  });
}

describe("requests", TIMEOUT, () => {
  test("[REQUEST-6] the signal of a handler aborts when who asked is gone", async (t) => {
    const { questions, handler, until } = byHand();
    // Time stands still, so that no deadline can abort it.
    const { port } = await startWith(t, { slow: handler }, { clock: new FakeClock() });
    const peer = await Peer.join(t, port);
    peer.send({ type: "request", id: 1, method: "slow" });
    await until(1);
    const { signal } = questions[0] as RequestQuestion;
    assert.equal(signal.aborted, false);
    const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve));
    peer.socket.webSocket.terminate();
    await within(aborted, "an aborted signal");
  });

  test("[REQUEST-7] of one connection 32 are answered at a time; one more is rate-limited, and place is made by each answer", async (t) => {
    const { questions, handler, until } = byHand();
    const { port } = await startWith(t, { slow: handler });
    const peer = await Peer.join(t, port);
    for (let id = 1; id <= 33; id++) peer.send({ type: "request", id, method: "slow" });
    const refused = await peer.next("reply");
    assert.deepEqual([refused.id, refused.error?.code], [33, "rate-limited"]);
    await until(32);
    questions[4]?.answer("done");
    assert.deepEqual(await peer.next("reply"), { type: "reply", id: 5, result: "done" });
    peer.send({ type: "request", id: 34, method: "slow" });
    await until(33);
  });

  test("[REQUEST-7] of one address 512 work at a time, one that outlives its deadline among them, and /metrics shows how many", async (t) => {
    const clock = new FakeClock();
    const { questions, handler, until } = byHand();
    const { port, origin } = await startWith(
      t,
      { slow: handler },
      { clock, operatorKey: "key-of-the-operator" },
    );
    const used = async (): Promise<string | undefined> => {
      const headers = { authorization: "Bearer key-of-the-operator" };
      const text = await (await fetch(`${origin}/metrics`, { headers })).text();
      return /parlor_bound_used\{bound="requests"\} (\d+)/.exec(text)?.[1];
    };
    for (let peers = 0; peers < 16; peers++) {
      const peer = await Peer.join(t, port);
      for (let id = 1; id <= 32; id++) peer.send({ type: "request", id, method: "slow" });
    }
    await until(512);
    assert.equal(await used(), "512");
    const late = await Peer.join(t, port);
    late.send({ type: "request", id: 1, method: "slow" });
    assert.equal((await late.next("reply")).error?.code, "rate-limited");
    clock.advance(10_000);
    late.send({ type: "request", id: 2, method: "slow" });
    assert.equal((await late.next("reply")).error?.code, "rate-limited");
    for (const question of questions.slice(0, 512)) question.answer(null);
    late.send({ type: "request", id: 3, method: "slow" });
    await until(513);
    assert.equal(await used(), "1");
  });

  test("[REQUEST-8] a server that stops refuses new requests as draining and lets those that are under way be answered", async (t) => {
    const { questions, handler, until } = byHand();
    const clock = new FakeClock();
    const { port, parlor } = await startWith(t, { slow: handler }, { clock });
    const peer = await Peer.join(t, port);
    peer.send({ type: "request", id: 1, method: "slow" });
    await until(1);
    const drained = parlor.drain();
    peer.send({ type: "request", id: 2, method: "slow" });
    const refused = await peer.next("reply");
    assert.deepEqual([refused.id, refused.error?.code], [2, "draining"]);
    await clock.advanceAsync(4_000);
    assert.deepEqual(await peer.untilPong(), []);
    questions[0]?.answer("done");
    assert.deepEqual(await peer.next("reply"), { type: "reply", id: 1, result: "done" });
    await clock.advanceAsync(100);
    await peer.next("bye");
    await clock.advanceAsync(10_000);
    await drained;
  });

  test("[REQUEST-9] answers overtake each other on a WebSocket, and keep the order of the frames in a body", async (t) => {
    const { questions, handler, until } = byHand();
    const server = await startWith(t, { slow: handler, quick: () => "quick" });
    const peer = await Peer.join(t, server.port);
    peer.send({ type: "request", id: 1, method: "slow" }, { type: "request", id: 2, method: "quick" });
    assert.equal((await peer.next("reply")).id, 2);
    const answers = exchange(
      server.origin,
      "send",
      helloFrame(),
      { type: "request", id: 1, method: "slow" },
      { type: "publish", room: "lobby", seq: 1, body: "behind it" },
      { type: "request", id: 2, method: "quick" },
    );
    await until(2);
    questions[1]?.answer("slow");
    assert.deepEqual((await answers).map(named), ["reply 1", "ack lobby 1", "reply 2"]);
  });
});
