import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { IDENTITY, LISTENING, SetUp, subscribed, WELCOME } from "../test/set-up.ts";
import type { CoreClient, CoreOptions } from "./core.ts";
import { ParlorClient } from "./index.ts";

/** Keeps the connection alive through `ms`, as a server's pings would. */
function live(setUp: SetUp<CoreClient>, ms: number): void {
  for (let passed = 0; passed < ms; passed += 1_000) {
    setUp.clock.advance(1_000);
    setUp.far.say({ type: "ping" });
  }
}

function reasonOf(setUp: SetUp<CoreClient>): string {
  const { state } = setUp.client;
  return state.kind === "waiting" ? state.reason : `not waiting but ${state.kind}`;
}

for (const Client of LISTENING)
  describe(`a connection of ${Client.name}`, () => {
    function welcomed(options: CoreOptions = {}): SetUp<CoreClient> {
      const setUp = new SetUp<CoreClient>(options, Client);
      setUp.client.reconnect();
      setUp.welcome();
      return setUp;
    }

    test("[CLIENT-14] nothing is opened before something is asked for, and every step is a state", () => {
      const setUp = new SetUp<CoreClient>({}, Client);
      assert.deepEqual(setUp.client.state, { kind: "idle" });
      assert.equal(setUp.transport.connections.length, 0);
      setUp.client.room("a").subscribe();
      setUp.welcome();
      setUp.far.close();
      setUp.client.close();
      setUp.client.close();
      assert.deepEqual(setUp.states, [
        { kind: "connecting", attempt: 1 },
        { kind: "open", identity: IDENTITY, transport: "websocket" },
        { kind: "waiting", attempt: 1, retryInMs: 250, reason: "The connection broke off." },
        { kind: "closed", code: "closed", message: "The client was closed." },
      ]);
      assert.equal(setUp.client.identity, IDENTITY);
    });

    test("[CLIENT-15] waits are drawn from 0 to 0.5 s doubled at each try, at most 20 s", () => {
      const setUp = welcomed();
      live(setUp, 6_000);
      const caps: number[] = [];
      for (let i = 0; i < 8; i++) {
        setUp.draws.push(1);
        setUp.far.close();
        const { state } = setUp.client;
        caps.push(state.kind === "waiting" ? state.retryInMs : -1);
        setUp.comeBack();
      }
      assert.deepEqual(caps, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
      setUp.draws.push(0);
      setUp.far.close();
      assert.match(JSON.stringify(setUp.client.state), /"retryInMs":0/);
    });

    test("[CLIENT-15] a connection that lasted starts the count anew, one that is cut at once does not", () => {
      const setUp = welcomed();
      const attempts: number[] = [];
      for (let i = 0; i < 3; i++) {
        setUp.far.close();
        attempts.push(setUp.client.state.kind === "waiting" ? setUp.client.state.attempt : -1);
        setUp.comeBack();
        setUp.welcome();
      }
      live(setUp, 6_000);
      setUp.far.close();
      attempts.push(setUp.client.state.kind === "waiting" ? setUp.client.state.attempt : -1);
      assert.deepEqual(attempts, [1, 2, 3, 1]);
    });

    test("[CLIENT-15] the time that the server names at parting replaces the drawn one", () => {
      const setUp = welcomed();
      setUp.far.say({ type: "bye", code: "draining", message: "Restarting.", retryAfterMs: 1_234 });
      setUp.far.close({ code: 1001 });
      assert.deepEqual(setUp.client.state, {
        kind: "waiting",
        attempt: 1,
        retryInMs: 1_234,
        reason: "Restarting.",
      });
      setUp.wake();
      assert.equal(setUp.transport.connections.length, 1, "waking up does not cut the server's time short");
      setUp.client.reconnect();
      assert.equal(setUp.transport.connections.length, 2, "a person does");
    });

    test("[CLIENT-15] a time that is none is not believed", () => {
      for (const retryAfterMs of [-5, "soon", null]) {
        const setUp = welcomed();
        setUp.far.say({ type: "bye", code: "draining", retryAfterMs });
        setUp.far.close({ code: 1001 });
        assert.match(JSON.stringify(setUp.client.state), /"retryInMs":250/);
      }
    });

    test("[CLIENT-16] a page that wakes while the client waits makes it try at once", () => {
      const setUp = welcomed();
      setUp.far.close();
      setUp.wake();
      assert.equal(setUp.client.state.kind, "connecting");
      setUp.wake();
      assert.equal(setUp.transport.connections.length, 2);
    });

    test("[CLIENT-16] a page that wakes while connected asks, and any byte within 5 s is an answer", () => {
      const setUp = welcomed();
      setUp.wake();
      assert.deepEqual(setUp.far.take(), [{ type: "ping" }]);
      setUp.clock.advance(4_999);
      setUp.far.say({ type: "pong" });
      setUp.clock.advance(5_000);
      assert.equal(setUp.client.state.kind, "open");
    });

    test("[CLIENT-16] without an answer within 5 s it comes back at once", () => {
      const setUp = welcomed();
      setUp.wake();
      setUp.clock.advance(5_000);
      assert.equal(setUp.client.state.kind, "connecting");
      assert.equal(setUp.transport.connections[0]?.isClosedByClient, true);
    });

    test("[CLIENT-17] a server that is silent for two heartbeats is left, one that pings is answered", () => {
      const setUp = welcomed();
      setUp.clock.advance(49_000);
      setUp.far.say({ type: "ping" });
      assert.deepEqual(setUp.far.take(), [{ type: "pong" }]);
      setUp.clock.advance(49_999);
      assert.equal(setUp.client.state.kind, "open");
      setUp.clock.advance(1);
      assert.equal(reasonOf(setUp), "Nothing was heard from the server for 50 s.");
      assert.equal(setUp.far.isClosedByClient, true);
    });

    test("[CLIENT-17] a connection that is not welcomed within 10 s has failed", () => {
      const setUp = new SetUp<CoreClient>({}, Client);
      setUp.client.reconnect();
      setUp.far.open();
      setUp.clock.advance(9_999);
      assert.equal(setUp.client.state.kind, "connecting");
      setUp.clock.advance(1);
      assert.equal(reasonOf(setUp), "The server did not answer.");
    });

    test("[CLIENT-17] a server that says bye and does not close is left", () => {
      const setUp = welcomed();
      setUp.far.say({ type: "bye", code: "draining", retryAfterMs: 5 });
      setUp.clock.advance(15_000);
      assert.equal(setUp.far.isClosedByClient, true);
      assert.match(JSON.stringify(setUp.client.state), /"retryInMs":5/);
    });

    test("[CLIENT-18] close codes 4500 to 4999 are for good, with the server's words", () => {
      const cases = [
        [4500, "Speak version 2.", "version", "Speak version 2."],
        [4501, "Banned.", "forbidden", "Banned."],
        [4502, "Who are you?", "unauthenticated", "Who are you?"],
        [4777, "", "refused", "The server closed with code 4777."],
      ] as const;
      for (const [code, reason, name, message] of cases) {
        const setUp = welcomed();
        setUp.far.close({ code, reason });
        assert.deepEqual(setUp.client.state, { kind: "closed", code: name, message });
        setUp.clock.advance(60_000);
        assert.equal(setUp.transport.connections.length, 1);
        assert.equal(setUp.clock.pendingCount, 0);
      }
    });

    test("[CLIENT-18] all other close codes come back, unknown ones by their range", () => {
      for (const code of [1000, 1001, 1006, 1009, 1011, 1012, 4000, 4001, 4002, 4003, 4004, 4499, 3000]) {
        const setUp = welcomed();
        setUp.far.close({ code, reason: "words" });
        assert.equal(setUp.client.state.kind, "waiting", String(code));
      }
    });

    test("[CLIENT-18] a hello that is refused for good ends it in the server's words, and reconnect tries again", () => {
      for (const code of ["version", "unauthenticated", "forbidden", "expired", "bad-frame", "too-large"]) {
        const setUp = new SetUp<CoreClient>({}, Client);
        setUp.client.room("a").subscribe();
        setUp.far.open();
        setUp.far.say({ type: "error", to: "hello", code, message: "Because." });
        assert.deepEqual(setUp.client.state, { kind: "closed", code, message: "Because." });
        assert.equal(setUp.far.isClosedByClient, true);
        setUp.client.reconnect();
        assert.equal(setUp.welcome().length, 2, "the room is still wanted");
        assert.equal(setUp.client.state.kind, "open");
      }
    });

    test("[CLIENT-18] a hello that is refused for now is said again after the server's time", () => {
      const setUp = new SetUp<CoreClient>({}, Client);
      setUp.client.reconnect();
      setUp.far.open();
      const error = { type: "error", to: "hello", code: "too-many-connections", message: "Full." };
      setUp.far.say({ ...error, retryAfterMs: 900 });
      assert.deepEqual(setUp.client.state, { kind: "waiting", attempt: 2, retryInMs: 900, reason: "Full." });
    });

    test("[CLIENT-18] a token whose time is over ends a living connection in words", () => {
      const setUp = welcomed();
      setUp.far.say({ type: "error", to: "hello", code: "expired", message: "The token's time is over." });
      setUp.far.close({ code: 4502 });
      assert.deepEqual(setUp.client.state, {
        kind: "closed",
        code: "expired",
        message: "The token's time is over.",
      });
    });

    test("[CLIENT-19] reasons are sentences, and after three failures they say what a browser hides", () => {
      const setUp = new SetUp<CoreClient>({}, Client);
      setUp.client.reconnect();
      const reasons: string[] = [];
      for (let i = 0; i < 3; i++) {
        setUp.far.close();
        reasons.push(reasonOf(setUp));
        setUp.comeBack();
      }
      assert.deepEqual(reasons.slice(0, 2), Array(2).fill("The server could not be reached."));
      assert.match(
        reasons[2] ?? "",
        /^The server could not be reached in 3 tries: .*connections to it are refused/,
      );
      setUp.isOffline = true;
      setUp.far.close();
      assert.equal(reasonOf(setUp), "This device is offline.");
      setUp.isOffline = false;
      setUp.comeBack();
      setUp.far.close({ reason: "connect ECONNREFUSED" });
      assert.match(reasonOf(setUp), /\(connect ECONNREFUSED\)/);
      setUp.comeBack();
      setUp.welcome();
      setUp.far.close({ code: 4001, reason: "slow" });
      assert.equal(reasonOf(setUp), "The server closed with code 4001 (slow).");
      setUp.comeBack();
      // What something on the way answers is nothing that the server did.
      setUp.far.close({ code: 1002, reason: "HTTP 502" });
      assert.equal(reasonOf(setUp), "The server could not be reached (HTTP 502).");
      setUp.comeBack();
      setUp.welcome();
      setUp.far.close({ code: 1002, reason: "HTTP 502" });
      assert.equal(reasonOf(setUp), "The connection broke off (HTTP 502).");
    });

    test("[CLIENT-20] something that is not the protocol ends the connection, a frame of a later version does not", () => {
      const setUp = welcomed();
      setUp.far.say({ type: "from-the-future" });
      assert.equal(setUp.client.state.kind, "open");
      setUp.far.text("<html>");
      assert.match(reasonOf(setUp), /^What came is not the protocol/);
      assert.equal(setUp.far.isClosedByClient, true);
    });

    test("[CLIENT-20] errors that answer no question are told", () => {
      const setUp = welcomed();
      const errors: unknown[] = [];
      setUp.client.on("error", (error) => errors.push(error));
      setUp.far.say({ type: "error", to: "renew", code: "unavailable", message: "Later." });
      assert.deepEqual(errors, [{ to: "renew", code: "unavailable", message: "Later." }]);
    });

    test("[CLIENT-21] close releases every timer and listener, and the client stays closed", () => {
      const setUp = welcomed();
      setUp.client.room("a").subscribe();
      setUp.far.say(subscribed("a", 0));
      setUp.client.close();
      assert.equal(setUp.clock.pendingCount, 0);
      assert.equal(setUp.listening, 0);
      assert.equal(setUp.far.isClosedByClient, true);
      setUp.client.reconnect();
      setUp.wake();
      const told: unknown[] = [];
      setUp.client.room("a").on("unsubscribed", ({ code }) => told.push(code));
      setUp.client.room("a").unsubscribe();
      setUp.client.room("a").subscribe();
      assert.deepEqual(told, ["closed"]);
      assert.equal(setUp.transport.connections.length, 1);
      assert.equal(setUp.client.state.kind, "closed");
    });

    test("[CLIENT-21] what an old connection still says is not heard", () => {
      const setUp = welcomed();
      const [old] = setUp.transport.connections;
      setUp.far.close();
      setUp.comeBack();
      old?.say(WELCOME);
      old?.close();
      assert.equal(setUp.client.state.kind, "connecting");
    });

    test("[CLIENT-22] the token is asked for at every connection, and one that fails is a failed try", async () => {
      let asked = 0;
      const setUp = new SetUp({
        token: async () => {
          asked += 1;
          if (asked === 2) throw new Error("signed out");
          return `token-${asked}`;
        },
      });
      setUp.client.reconnect();
      await setUp.clock.advanceAsync(0);
      assert.equal(setUp.welcome()[0]?.["token"], "token-1");
      setUp.far.close();
      await setUp.clock.advanceAsync(250);
      assert.equal(reasonOf(setUp), "There is no token to connect with: signed out");
      await setUp.clock.advanceAsync(1_000);
      assert.equal(setUp.welcome()[0]?.["token"], "token-3");
    });

    test("[CLIENT-22] a client that was closed while its token was fetched opens nothing", async () => {
      const setUp = new SetUp<CoreClient>({ token: async () => "late" }, Client);
      setUp.client.reconnect();
      setUp.client.close();
      await setUp.clock.advanceAsync(0);
      assert.equal(setUp.transport.connections.length, 0);
    });

    test("[CLIENT-22] a client that was closed while its token was asked for in vain stays closed", async () => {
      const setUp = new SetUp<CoreClient>({ token: () => Promise.reject(new Error("signed out")) }, Client);
      setUp.client.reconnect();
      setUp.client.close();
      await setUp.clock.advanceAsync(0);
      assert.deepEqual([setUp.client.state.kind, setUp.clock.pendingCount], ["closed", 0]);
    });

    test("[CLIENT-14] a room's name is checked, and a room is one object", () => {
      const { client } = new SetUp<CoreClient>({}, Client);
      assert.equal(client.room("a"), client.room("a"));
      for (const name of ["", "..", "a\nb", "x".repeat(129)]) {
        assert.throws(() => client.room(name), { code: "bad-room" });
      }
    });

    test("[CLIENT-23] addresses become the socket's address, and wrong ones are refused in words (O1)", () => {
      const opened: string[] = [];
      class Socket {
        readonly readyState = 0;
        onopen = null;
        onmessage = null;
        onclose = null;
        onerror = null;
        constructor(url: string) {
          opened.push(url);
        }
        send(): void {}
        close(): void {}
      }
      for (const url of ["http://h:1/", "https://h/base", "wss://h/base/", new URL("http://h")]) {
        const client = new Client(url as string, { webSocket: Socket });
        client.reconnect();
        client.close();
      }
      assert.deepEqual(opened, [
        "ws://h:1/connect",
        "wss://h/base/connect",
        "wss://h/base/connect",
        "ws://h/connect",
      ]);
      for (const url of [
        undefined,
        "",
        "no address",
        "ftp://h/",
        "http://h/?a",
        "http://h/#a",
        "http://u@h/",
      ]) {
        assert.throws(() => new Client(url as string, {}), { code: "bad-url" }, String(url));
      }
      for (const options of [{ key: "short" }, { producer: "a b" }]) {
        assert.throws(() => new Client("http://h/", options), { code: "bad-option" });
      }
      for (const options of [{ maxOutboxCount: 0 }, { maxOutboxBytes: Number.NaN }]) {
        assert.throws(() => new ParlorClient("http://h/", options), { code: "bad-option" });
      }
    });
  });
