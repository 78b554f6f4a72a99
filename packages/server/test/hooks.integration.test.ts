import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Authenticate, Authorize, AuthorizeQuestion } from "@parlor/server";
import { FakeClock, RawSocketPeer } from "@parlor/testkit";
import { freshKey, Peer, TextSocket } from "./support/peer.ts";
import { startParlor } from "./support/parlor-server.ts";
import { assertRefused, rawAnswer, upgradeHead } from "./support/raw-http.ts";

const HELLO = { type: "hello", version: 1, producer: "producer-1" };

/** Tokens are names, with an end where one is written behind a colon. */
const byName: Authenticate = ({ token }) => {
  if (token === null) return { code: "unauthenticated", message: "Log in first." };
  const [identity = "", end] = token.split(":");
  return end === undefined ? { identity } : { identity, expiresAt: Number(end) };
};

const slowly =
  <Question, Answer>(hook: (question: Question) => Answer | Promise<Answer>) =>
  async (question: Question): Promise<Answer> => {
    await new Promise((resolve) => setImmediate(resolve));
    return hook(question);
  };

describe("authenticate", () => {
  for (const [how, authenticate] of [
    ["at once", byName],
    ["by promise", slowly(byName)],
  ] as const) {
    test(`[HELLO-66] answering ${how}, it says who one is on every transport; without a token nobody comes in`, async (t) => {
      const { port, origin } = await startParlor(t, { authenticate });
      const ada = await Peer.join(t, port, { token: "ada" });
      assert.equal(ada.identity, "ada");
      await ada.publish("lobby", 1, "by WebSocket");
      const bearer = { authorization: "Bearer ada", "content-type": "application/json" };
      const url = `${origin}/rooms/lobby/messages`;
      const post = { method: "POST", headers: bearer, body: '"by REST"' };
      assert.equal((await fetch(url, post)).status, 201);
      const plain = await TextSocket.open(t, `ws://127.0.0.1:${port}/rooms/lobby`, [], { headers: bearer });
      await plain.json();
      plain.sendText("by plain room");
      await plain.json();
      const page = (await (await fetch(url, { headers: bearer })).json()) as { messages: { from: string }[] };
      assert.deepEqual(
        page.messages.map((message) => message.from),
        ["ada", "ada", "ada"],
      );

      const nobody = await Peer.knock(t, port);
      nobody.send({ ...HELLO, key: freshKey() });
      const error = await nobody.next("error");
      assert.deepEqual([error.code, error.to, error.message], ["unauthenticated", "hello", "Log in first."]);
      assert.equal((await nobody.close()).code, 4502);
      for (const headers of [{}, { accept: "text/event-stream" }]) {
        assert.equal((await fetch(url, { headers })).status, 401);
      }
      assert.equal(
        (await fetch(url, { ...post, headers: { "content-type": "application/json" } })).status,
        401,
      );
      const plainUpgrade = { target: "/rooms/lobby", headers: { "Sec-WebSocket-Protocol": null } };
      assertRefused(await rawAnswer(port, upgradeHead(plainUpgrade)), 401, "unauthenticated");
    });
  }

  test("[HELLO-67] a hook that throws, rejects, or answers nonsense lets nobody in, and the server lives on", async (t) => {
    const answers: (() => unknown)[] = [
      () => {
        throw new Error("the secret of the database");
      },
      () => Promise.reject(new Error("the secret of the database")),
      () => undefined,
      () => null,
      () => true,
      () => "ada",
      () => ({}),
      () => ({ identity: "" }),
      () => ({ identity: "@server" }),
      () => ({ identity: 7 }),
      () => ({ identity: "ada", expiresAt: "tomorrow" }),
      () => ({ code: "no-such-code", message: "x" }),
    ];
    let answer: () => unknown = () => undefined;
    const { port, origin } = await startParlor(t, { authenticate: (() => answer()) as Authenticate });
    for (answer of answers) {
      const peer = await Peer.knock(t, port);
      peer.send({ ...HELLO, token: "x" });
      const error = await peer.next("error");
      assert.equal(error.code, "internal", String(answer));
      assert.doesNotMatch(error.message, /secret/);
      assert.equal((await peer.close()).code, 1011);
      assert.equal((await fetch(`${origin}/rooms/lobby/messages`)).status, 500);
    }
    answer = () => ({ identity: "ada" });
    assert.equal((await Peer.join(t, port, { token: "x" })).identity, "ada");
  });

  test("[HELLO-68] forbidden is closed 4501, expired 4502", async (t) => {
    const { port } = await startParlor(t, {
      authenticate: ({ token }) => ({ code: token === "banned" ? "forbidden" : "expired", message: "No." }),
    });
    for (const [token, code, close] of [
      ["banned", "forbidden", 4501],
      ["old", "expired", 4502],
    ] as const) {
      const peer = await Peer.knock(t, port);
      peer.send({ ...HELLO, token });
      assert.equal((await peer.next("error")).code, code);
      assert.equal((await peer.close()).code, close);
    }
  });

  test("[HELLO-69] when a token ends, every transport is told in words and ended; renew puts the end off (O9, O12)", async (t) => {
    const clock = new FakeClock();
    const { port, origin } = await startParlor(t, { clock, authenticate: byName, heartbeatMs: 3_600_000 });
    const end = clock.now() + 60_000;
    const token = `ada:${end}`;
    const headers = { authorization: `Bearer ${token}` };
    const staying = await Peer.knock(t, port);
    assert.equal((await staying.hello({ token })).expiresInMs, 60_000);
    const leaving = await Peer.join(t, port, { token });
    const plain = await TextSocket.open(t, `ws://127.0.0.1:${port}/rooms/lobby`, [], { headers });
    const feed = await fetch(`${origin}/rooms/lobby/messages`, {
      headers: { ...headers, accept: "text/event-stream" },
    });
    const feedText = feed.text();
    clock.advance(59_000);
    staying.send({ type: "renew", token: `ada:${end + 60_000}` });
    assert.equal((await staying.next("welcome")).expiresInMs, 61_000);
    for (const peer of [staying, leaving]) assert.deepEqual(await peer.untilPong(), []);
    clock.advance(2_000);
    assert.equal((await leaving.next("error")).code, "expired");
    assert.equal((await leaving.close()).code, 4502);
    assert.equal(((await plain.json())["error"] as { code: string }).code, "expired");
    assert.equal((await plain.close()).code, 4502);
    assert.match(await feedText, /event: refused\ndata: \{"code":"expired"/);
    assert.deepEqual(await staying.untilPong(), []);
  });

  test("[HELLO-70] a token that renews must stand for the same identity, and one that is refused ends the connection (O12)", async (t) => {
    const { port } = await startParlor(t, { authenticate: slowly(byName) });
    const other = await Peer.join(t, port, { token: "ada" });
    other.send({ type: "renew", token: "bob" });
    const error = await other.next("error");
    assert.deepEqual([error.code, error.to], ["unauthenticated", "renew"]);
    assert.equal((await other.close()).code, 4502);
    const late = await Peer.join(t, port, { token: "ada" });
    late.send({ type: "renew", token: "ada:100000000001" });
    assert.equal((await late.next("error")).code, "expired");
    assert.equal((await late.close()).code, 4502);
    const malformed = await Peer.join(t, port, { token: "ada" });
    assert.equal((await malformed.errorTo('{"type":"renew"}')).code, "bad-frame");
  });

  test("[HELLO-71] without the hook a renewal changes nothing and is answered", async (t) => {
    const { port } = await startParlor(t);
    const peer = await Peer.join(t, port);
    peer.send({ type: "renew", token: "x" });
    assert.equal((await peer.next("welcome")).identity, peer.identity);
  });
});

describe("authorize", () => {
  test("[HELLO-72] is asked for each act, with the body of a publish, and each refusal is the answer to its frame (O13)", async (t) => {
    const asked: AuthorizeQuestion[] = [];
    const denied = new Set<string>();
    const { port, origin } = await startParlor(t, {
      authorize: (question) => {
        asked.push(question);
        return denied.has(question.action) ? { code: "forbidden", message: `No ${question.action}.` } : true;
      },
    });
    const peer = await Peer.join(t, port);
    await peer.subscribe("lobby");
    peer.send({ type: "publish", room: "lobby", seq: 1, body: { text: "hi" } });
    await peer.find("ack");
    peer.send({ type: "history", id: 1, room: "lobby" });
    await peer.find("history");
    assert.deepEqual(asked, [
      { identity: peer.identity, action: "subscribe", room: "lobby" },
      { identity: peer.identity, action: "publish", room: "lobby", body: { text: "hi" } },
      { identity: peer.identity, action: "history", room: "lobby" },
    ]);

    for (const action of ["subscribe", "publish", "history"]) denied.add(action);
    const subscribe = await peer.errorTo('{"type":"subscribe","room":"den"}');
    assert.deepEqual(
      [subscribe.code, subscribe.message, subscribe.room],
      ["forbidden", "No subscribe.", "den"],
    );
    const history = await peer.errorTo('{"type":"history","id":9,"room":"lobby"}');
    assert.deepEqual([history.code, history.id], ["forbidden", 9]);
    peer.send({ type: "publish", room: "lobby", seq: 2, body: "x" });
    assert.deepEqual(await peer.next("refused"), {
      type: "refused",
      room: "lobby",
      seq: 2,
      code: "forbidden",
      message: "No publish.",
    });
    const url = `${origin}/rooms/lobby/messages`;
    const post = { method: "POST", headers: { "content-type": "application/json" }, body: "1" };
    for (const request of [{}, post, { headers: { accept: "text/event-stream" } }, { method: "HEAD" }]) {
      assert.equal((await fetch(url, request)).status, 403, JSON.stringify(request));
    }
    assert.equal(
      (await fetch(url, { method: "HEAD", headers: { accept: "text/event-stream" } })).status,
      403,
    );
    const plain = await TextSocket.open(t, `ws://127.0.0.1:${port}/rooms/lobby`);
    assert.deepEqual(await plain.json(), {
      error: { code: "forbidden", message: "No subscribe." },
      messages: [],
    });
    plain.sendText("x");
    assert.deepEqual(((await plain.json())["error"] as { code: string }).code, "forbidden");
  });

  test("[HELLO-73] a hook that throws, rejects or answers nonsense is never a yes", async (t) => {
    const answers: (() => unknown)[] = [
      () => {
        throw new Error("the secret of the database");
      },
      () => Promise.reject(new Error("the secret of the database")),
      () => undefined,
      () => 1,
      () => "true",
      () => ({}),
      () => [],
      () => ({ code: "yes" }),
      () => Promise.resolve("true"),
      () => false,
      () => Promise.resolve(false),
    ];
    let answer: () => unknown = () => true;
    const { port, log, origin } = await startParlor(t, { authorize: (() => answer()) as Authorize });
    const peer = await Peer.join(t, port);
    for (answer of answers) {
      peer.send({ type: "subscribe", room: "lobby" });
      const error = await peer.next("error");
      assert.ok(["internal", "forbidden"].includes(error.code), error.code);
      assert.doesNotMatch(error.message, /secret/);
      peer.send({ type: "publish", room: "lobby", seq: 1, body: 1 });
      assert.ok(["internal", "forbidden"].includes((await peer.next("refused")).code));
      assert.ok((await fetch(`${origin}/rooms/lobby/messages`)).status >= 403);
    }
    assert.equal((await log.head("lobby")).head, 0);
    answer = () => true;
    await peer.publish("lobby", 1, 1);
  });

  test("[HELLO-74] a right that is withdrawn ends what is subscribed on every transport, and no message comes after (O10, O13)", async (t) => {
    let allowed = true;
    const { port, parlor, origin } = await startParlor(t, {
      authorize: slowly<AuthorizeQuestion, boolean>(({ room }) => allowed || room !== "den"),
    });
    const peer = await Peer.join(t, port);
    const bystander = await Peer.join(t, port);
    await peer.subscribe("den");
    await peer.subscribe("lobby");
    await bystander.subscribe("lobby");
    const plain = await TextSocket.open(t, `ws://127.0.0.1:${port}/rooms/den`);
    const feed = await fetch(`${origin}/rooms/den/messages`, { headers: { accept: "text/event-stream" } });
    const feedText = feed.text();
    await parlor.room("den").publish("before");
    await peer.next("messages");
    await plain.json();
    allowed = false;
    parlor.recheck({ room: "den" });
    const ended = await peer.next("unsubscribed");
    assert.deepEqual([ended.room, ended.code], ["den", "forbidden"]);
    assert.ok((ended.message ?? "").length > 5);
    assert.equal(((await plain.json())["error"] as { code: string }).code, "forbidden");
    assert.match(await feedText, /"before"[^]*event: refused/);
    await parlor.room("den").publish("after");
    await parlor.room("lobby").publish("everybody");
    for (const each of [peer, bystander]) {
      assert.equal((await each.next("messages")).messages[0]?.body, "everybody");
    }
    assert.deepEqual(plain.texts.untaken, []);
  });

  test("[HELLO-77] a recheck of one identity asks for it alone, in all its rooms", async (t) => {
    const asked: string[] = [];
    const { port, parlor } = await startParlor(t, {
      authorize: ({ identity, room }) => asked.push(`${identity} ${room}`) > 0,
      authenticate: ({ token }) => ({ identity: token ?? "nobody" }),
    });
    const [ada, bob] = [
      await Peer.join(t, port, { token: "ada" }),
      await Peer.join(t, port, { token: "bob" }),
    ];
    for (const peer of [ada, bob]) for (const room of ["one", "two"]) await peer.subscribe(room);
    asked.length = 0;
    parlor.recheck({ identity: "ada" });
    assert.deepEqual(asked.sort(), ["ada one", "ada two"]);
    asked.length = 0;
    parlor.recheck();
    assert.equal(asked.length, 4);
    for (const peer of [ada, bob]) assert.deepEqual(await peer.untilPong(), []);
  });

  test("[HELLO-79] a right that is withdrawn while a subscription is being opened ends it all the same", async (t) => {
    const answers: ((yes: boolean) => void)[] = [];
    let wasAsked = (): void => {};
    const { port, parlor } = await startParlor(t, {
      authorize: () =>
        new Promise<boolean>((resolve) => {
          answers.push(resolve);
          wasAsked();
        }),
    });
    const peer = await Peer.join(t, port);
    const isAsked = new Promise<void>((resolve) => (wasAsked = resolve));
    peer.send({ type: "subscribe", room: "den" });
    await isAsked;
    parlor.recheck({ room: "den" });
    assert.equal(answers.length, 2, "asked again, although nothing is subscribed to yet");
    answers[1]?.(false);
    const ended = await peer.next("unsubscribed");
    assert.deepEqual([ended.room, ended.code], ["den", "forbidden"]);
    answers[0]?.(true);
    await parlor.room("den").publish("secret");
    assert.deepEqual(await peer.untilPong(), []);
  });

  test("[GROW-63] questions that wait for a hook are bounded, renewals come one at a time, and both are refused in words", async (t) => {
    const { port } = await startParlor(t, {
      maxRooms: 10,
      authenticate: ({ token }) => (token === "ada" ? { identity: "ada" } : new Promise(() => {})),
      authorize: () => new Promise(() => {}),
    });
    const peer = await Peer.join(t, port, { token: "ada" });
    for (let i = 0; i < 500; i++) peer.send({ type: "subscribe", room: "lobby" });
    for (let id = 1; id <= 100; id++) peer.send({ type: "history", id, room: "lobby" });
    const refused = await peer.untilPong();
    assert.equal(refused.length, 600 - 42);
    for (const frame of refused) assert.ok(frame.type === "error" && frame.code === "rate-limited");
    for (let i = 0; i < 50; i++) peer.send({ type: "renew", token: "slow" });
    const renewals = await peer.untilPong();
    assert.equal(renewals.length, 49);
    for (const frame of renewals)
      assert.ok(frame.type === "error" && frame.to === "renew" && frame.code === "rate-limited");
  });

  test("[HELLO-78] once a connection is being closed, nothing more is taken from it", async (t) => {
    const clock = new FakeClock();
    const { port, log } = await startParlor(t, { clock, authenticate: byName, heartbeatMs: 3_600_000 });
    const token = `ada:${clock.now() + 5_000}`;
    const headers = { Authorization: `Bearer ${token}` };
    using plain = await RawSocketPeer.open({ port, path: "/rooms/lobby", headers });
    using full = await RawSocketPeer.open({ port });
    full.send({ ...HELLO, token });
    await full.readJsonWith({ type: "welcome" });
    clock.advance(6_000);
    for (const peer of [plain, full]) assert.equal((await peer.readClose()).code, 4502);
    // Neither answers the close: they go on as if nothing had been said.
    plain.send("after the end");
    full.send({ type: "publish", room: "lobby", seq: 1, body: "after the end" });
    for (const peer of [plain, full]) await peer.closed();
    assert.equal((await log.head("lobby")).head, 0);
  });

  test("[HELLO-75] publishes of one room keep their order however long the hook takes, and another room does not wait", async (t) => {
    const waiting = new Map<unknown, () => void>();
    const { port } = await startParlor(t, {
      authorize: ({ action, body }) =>
        action !== "publish" ||
        body === "quick" ||
        new Promise((resolve) => waiting.set(body, () => resolve(true))),
    });
    const peer = await Peer.join(t, port);
    peer.send({ type: "publish", room: "lobby", seq: 1, body: "slow" });
    peer.send({ type: "publish", room: "lobby", seq: 2, body: "quick" });
    peer.send({ type: "publish", room: "other", seq: 1, body: "quick" });
    assert.deepEqual((await peer.next("ack")).room, "other");
    waiting.get("slow")?.();
    assert.deepEqual((await peer.next("ack")).seq, 1);
    assert.deepEqual((await peer.next("ack")).seq, 2);
  });
});
