import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { encodeRawFrame, RawSocketPeer } from "@parlor/testkit";
import { Peer } from "./support/peer.ts";
import { startParlor } from "./support/parlor-server.ts";
import { assertRefused, rawAnswer, readAnswer, upgradeHead } from "./support/raw-http.ts";

/** A server that still serves is one that still welcomes. */
async function assertServes(t: TestContext, port: number): Promise<void> {
  const peer = await Peer.join(t, port);
  await peer.leave();
}

describe("a handshake", () => {
  test("[HELLO-50] is answered 101 with the accept of its key, the subprotocol, and no extension (O3)", async (t) => {
    const { port } = await startParlor(t);
    const offered = { "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" };
    const answer = await rawAnswer(port, upgradeHead({ headers: offered }));
    assert.equal(answer.status, 101);
    assert.equal(answer.headers.get("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assert.equal(answer.headers.get("sec-websocket-protocol"), "parlor.v1");
    assert.equal(answer.headers.has("sec-websocket-extensions"), false);
  });

  test("[HELLO-51] frames in the same segment as the handshake are taken", async (t) => {
    const { port } = await startParlor(t);
    using peer = await RawSocketPeer.connect({ port });
    const hello = { type: "hello", version: 1, key: "k".repeat(30), producer: "producer-1" };
    const frames = [hello, { type: "publish", room: "lobby", seq: 1, body: "early" }, { type: "ping" }];
    const bytes = frames.map((frame) =>
      encodeRawFrame({ payload: JSON.stringify(frame) }).toString("latin1"),
    );
    peer.write(upgradeHead() + bytes.join(""));
    assert.equal((await peer.readResponse()).status, 101);
    const types = [];
    for (let i = 0; i < 3; i++) types.push(((await peer.readJson()) as { type: string }).type);
    assert.equal(types[0], "welcome");
    assert.deepEqual(types.slice(1).sort(), ["ack", "pong"]);
  });

  test("[HELLO-52] /connect without the subprotocol is 400; a room without it is a plain room, with it the full protocol", async (t) => {
    const { port } = await startParlor(t);
    for (const protocol of [null, "chat", "parlor.v2", "Parlor.v1", "chat, superchat"]) {
      const headers = { "Sec-WebSocket-Protocol": protocol };
      assertRefused(await rawAnswer(port, upgradeHead({ headers })), 400, "bad-frame", String(protocol));
      const plain = await rawAnswer(port, upgradeHead({ target: "/rooms/lobby", headers }));
      assert.equal(plain.status, 101);
      assert.equal(plain.headers.has("sec-websocket-protocol"), false);
    }
    const both = { "Sec-WebSocket-Protocol": "chat, parlor.v1" };
    for (const target of ["/connect", "/rooms/lobby"]) {
      const full = await rawAnswer(port, upgradeHead({ target, headers: both }));
      assert.deepEqual([full.status, full.headers.get("sec-websocket-protocol")], [101, "parlor.v1"]);
    }
    using room = await RawSocketPeer.open({ port, path: "/rooms/lobby", subprotocol: "parlor.v1" });
    room.send({ type: "hello", version: 1, key: "k".repeat(30), producer: "producer-1" });
    assert.equal(((await room.readJson()) as { type: string }).type, "welcome");
  });

  test("[HELLO-53] other versions, drafts, HTTP/1.0, two or no Hosts and wrong keys are refused in words (O2)", async (t) => {
    const { port } = await startParlor(t);
    for (const version of ["0", "7", "8", "12", "14", "13, 8", "", "thirteen", null]) {
      const headers = { "Sec-WebSocket-Version": version };
      const answer = await rawAnswer(port, upgradeHead({ headers }));
      assertRefused(answer, 426, "version", String(version));
      assert.equal(answer.headers.get("sec-websocket-version"), "13");
      assert.equal(answer.headers.get("upgrade"), "websocket");
    }
    const hixie = {
      "Sec-WebSocket-Key1": "4 @1  46546xW%0l 1 5",
      "Sec-WebSocket-Key2": "12998 5 Y3 1  .P00",
    };
    assertRefused(await rawAnswer(port, upgradeHead({ headers: hixie })), 400, "bad-frame");
    assertRefused(await rawAnswer(port, upgradeHead({ version: "1.0" })), 400, "bad-frame");
    assertRefused(await rawAnswer(port, upgradeHead({ headers: { Host: null } })), 400, "bad-frame");
    assertRefused(await rawAnswer(port, upgradeHead({ headers: { Host: ["a", "b"] } })), 400, "bad-frame");
    for (const key of [
      null,
      "",
      "short",
      "dGhlIHNhbXBsZSBub25jZQ",
      "*".repeat(24),
      ["dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ=="],
    ]) {
      const answer = await rawAnswer(port, upgradeHead({ headers: { "Sec-WebSocket-Key": key } }));
      assertRefused(answer, 400, "bad-frame", String(key));
    }
    const post = await rawAnswer(port, upgradeHead({ method: "POST" }));
    assertRefused(post, 405, "bad-frame");
    assert.equal(post.headers.get("allow"), "GET");
    await assertServes(t, port);
  });

  test("[HELLO-54] headers made to break parsers are refused or passed over (B2, B3, B4, B5)", async (t) => {
    const { port } = await startParlor(t);
    const spaces = " ".repeat(14_000);
    for (const extensions of [
      "constructor",
      "__proto__; hasOwnProperty",
      `a; b="${"\\c".repeat(7_000)}`,
      `permessage-deflate; server_max_window_bits=99999999999`,
      ";;;,,,===",
    ]) {
      const headers = { "Sec-WebSocket-Extensions": extensions };
      assert.equal((await rawAnswer(port, upgradeHead({ headers }))).status, 101, extensions.slice(0, 40));
    }
    for (const protocol of [`b${spaces}x`, `parlor.v1${spaces}x`, "parlor.v1,parlor.v1", ",", "a b", "é"]) {
      const headers = { "Sec-WebSocket-Protocol": protocol };
      assertRefused(await rawAnswer(port, upgradeHead({ headers })), 400, "bad-frame", protocol.slice(0, 20));
    }
    const many = Object.fromEntries(Array.from({ length: 2_500 }, (_, i) => [i.toString(36), ""]));
    const answer = await rawAnswer(
      port,
      upgradeHead({ headers: { ...many, Connection: null, Upgrade: null } }).replace(
        /\r\n\r\n$/,
        "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
      ),
    );
    assert.ok(answer.status >= 400 && answer.status < 500, String(answer.status));
    await assertServes(t, port);
  });

  test("[HELLO-55] an upgrade where none is served, or to something else, is a sentence (B12, B20)", async (t) => {
    const { port } = await startParlor(t);
    for (const target of [
      "/healthz",
      "/metrics",
      "/connect/stream",
      "/connect/poll",
      "/rooms/lobby/messages",
    ]) {
      assertRefused(await rawAnswer(port, upgradeHead({ target })), 400, "bad-frame", target);
    }
    for (const target of ["/", "/nowhere", "/rooms", "/socket.io/?EIO=4&transport=websocket"]) {
      assertRefused(await rawAnswer(port, upgradeHead({ target })), 404, "unknown-frame", target);
    }
    // What a client like curl offers by the way is not asked for: the request is answered as it is.
    const h2c = await rawAnswer(port, upgradeHead({ target: "/healthz", headers: { Upgrade: "h2c" } }));
    assert.equal(h2c.status, 200);
    await assertServes(t, port);
  });

  test("[HELLO-56] a peer that resets in the middle of its upgrade takes nothing with it (B11)", async (t) => {
    const { port } = await startParlor(t, {
      authenticate: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        return { identity: "ada" };
      },
    });
    for (let i = 0; i < 30; i++) {
      const peer = await RawSocketPeer.connect({ port });
      peer.write(
        upgradeHead({
          target: i % 2 === 0 ? "/connect" : "/rooms/lobby",
          ...(i % 3 === 0 ? { version: "1.0" } : {}),
        }),
      );
      peer.reset();
      await peer.closed();
    }
    await assertServes(t, port);
  });

  test("[HELLO-57] a room in an address is decoded once, and one that can't be a room is bad-room (B37)", async (t) => {
    const { port, parlor } = await startParlor(t);
    const bad = ["..", ".", "%2e%2e", "%2E.", "", "%", "%ff", "%00", "a%0ab", "e%cc%81", "x".repeat(129)];
    for (const segment of bad) {
      for (const target of [`/rooms/${segment}`, `/rooms/${segment}/messages`]) {
        assertRefused(await rawAnswer(port, upgradeHead({ target })), 400, "bad-room", target);
        const get = `GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
        assertRefused(await rawAnswer(port, get), 400, "bad-room", target);
      }
    }
    await parlor.room("%2e%2e").publish("kept apart");
    await parlor.room("a/b").publish("one room");
    for (const [segment, body] of [
      ["%252e%252e", "kept apart"],
      ["a%2Fb", "one room"],
    ]) {
      const get = `GET /rooms/${segment}/messages HTTP/1.1\r\nHost: localhost\r\n\r\n`;
      const page = JSON.parse((await rawAnswer(port, get)).body) as { messages: { body: string }[] };
      assert.deepEqual(
        page.messages.map((message) => message.body),
        [body],
      );
    }
    assertRefused(await rawAnswer(port, upgradeHead({ target: "/rooms/\u00e9" })), 400, "bad-frame");
    const whole = `GET http://evil.example/rooms/lobby/messages HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    assertRefused(await rawAnswer(port, whole), 400, "bad-frame");
  });
});

describe("what is hardly HTTP", () => {
  test("[REFUSE-58] broken requests, smuggled bodies and endless headers are answered in words and cut off (B46)", async (t) => {
    const { port } = await startParlor(t);
    const post =
      "POST /rooms/lobby/messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    for (const request of [
      "garbage\r\n\r\n",
      "GET /healthz HTTP/1.1\r\nHost: localhost\r\nBad Name: x\r\n\r\n",
      "GET /healthz HTTP/1.1\r\nHost: localhost\r\n folded: x\r\n\r\n",
      `${post}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      `${post}Content-Length: 3\r\nContent-Length: 4\r\n\r\n"x"`,
      `${post}Content-Length: -1\r\n\r\n"x"`,
    ]) {
      using peer = await RawSocketPeer.connect({ port });
      peer.write(request);
      assertRefused(await readAnswer(peer), 400, "bad-frame", request.slice(0, 80));
      await peer.closed();
    }
    const long = `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(20_000)}\r\n\r\n`;
    assertRefused(await rawAnswer(port, long), 431, "too-large");
    assert.equal((await fetch(`http://127.0.0.1:${port}/rooms/lobby/messages`)).status, 200);
  });

  test("[REFUSE-58] a request without a Host is 400 in words, and HTTP/1.0 needs none", async (t) => {
    const { port } = await startParlor(t);
    assertRefused(await rawAnswer(port, "GET /healthz HTTP/1.1\r\n\r\n"), 400, "bad-frame");
    assert.equal((await rawAnswer(port, "GET /healthz HTTP/1.0\r\n\r\n")).status, 200);
  });

  test("[HELLO-54] an expectation that nobody knows is passed over", async (t) => {
    const { port } = await startParlor(t);
    const answer = await rawAnswer(
      port,
      "GET /healthz HTTP/1.1\r\nHost: localhost\r\nExpect: a-miracle\r\n\r\n",
    );
    assert.equal(answer.status, 200);
  });

  test("[HELLO-54] of several protocols to upgrade to the WebSocket is taken; without one the request is served as it is", async (t) => {
    const { port } = await startParlor(t);
    for (const upgrade of ["h2c, websocket", "websocket, h2c"]) {
      const answer = await rawAnswer(port, upgradeHead({ headers: { Upgrade: upgrade } }));
      assert.equal(answer.status, 101, upgrade);
    }
    const plain = await rawAnswer(port, upgradeHead({ target: "/healthz", headers: { Upgrade: "h2c" } }));
    assert.equal(plain.status, 200);
  });
});

describe("connections", () => {
  test("[GROW-51] one address holds so many, the next is 429 in words, and one that left makes room (O20)", async (t) => {
    const { port } = await startParlor(t, { connectionsPerAddress: 3 });
    const peers = [];
    for (let i = 0; i < 3; i++) peers.push(await Peer.join(t, port));
    for (const target of ["/connect", "/rooms/lobby"]) {
      const refused = await rawAnswer(port, upgradeHead({ target }));
      assertRefused(refused, 429, "too-many-connections");
      assert.match(refused.error.message, /3/);
    }
    const feed = await fetch(`http://127.0.0.1:${port}/rooms/lobby/messages`, {
      headers: { accept: "text/event-stream" },
    });
    assert.equal(feed.status, 429);
    await feed.body?.cancel();
    // Requests that end by themselves hold nothing, and other addresses are other people.
    assert.equal((await fetch(`http://127.0.0.1:${port}/rooms/lobby/messages`)).status, 200);
    const elsewhere = await RawSocketPeer.open({ port, localAddress: "127.0.0.2" });
    elsewhere.destroy();
    await peers[0]?.leave();
    await Peer.join(t, port);
  });

  test("[GROW-52] all addresses together hold so many, the next is 503 in words with the time to come back (O20)", async (t) => {
    const { port } = await startParlor(t, { maxConnections: 4 });
    const peers = [];
    for (let i = 1; i <= 4; i++) peers.push(await RawSocketPeer.open({ port, localAddress: `127.0.0.${i}` }));
    const refused = await rawAnswer(port, upgradeHead(), "127.0.0.9");
    assertRefused(refused, 503, "too-many-connections");
    assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200);
    for (const peer of peers) peer.reset();
    for (const peer of peers) await peer.closed();
    await Peer.join(t, port);
  });

  test("[GROW-68] sockets that say nothing are an address's, too: past its share it is 429 in words, and others are served", async (t) => {
    const { port } = await startParlor(t, { connectionsPerAddress: 2, trustProxy: ["127.0.0.9"] });
    const silent = async (localAddress: string): Promise<RawSocketPeer> => {
      const peer = await RawSocketPeer.connect({ port, localAddress });
      t.after(() => peer.destroy());
      return peer;
    };
    const share = 2 * 2 + 64;
    const held = [];
    for (let i = 0; i < share; i++) held.push(await silent("127.0.0.2"));
    const refused = await readAnswer(await silent("127.0.0.2"));
    assertRefused(refused, 429, "too-many-connections");
    await RawSocketPeer.open({ port, localAddress: "127.0.0.3" }).then((peer) => peer.destroy());
    // One that goes makes room.
    held[0]?.destroy();
    const again = async (): Promise<number> => (await rawAnswer(port, upgradeHead(), "127.0.0.2")).status;
    while ((await again()) === 429);
    // Behind a proxy everybody has its address.
    for (let i = 0; i <= share; i++) await silent("127.0.0.9");
    await RawSocketPeer.open({ port, localAddress: "127.0.0.9" }).then((peer) => peer.destroy());
  });

  test("[GROW-53] an upgrade that is refused or cut gives its place back", async (t) => {
    const { port } = await startParlor(t, { connectionsPerAddress: 2 });
    for (let i = 0; i < 10; i++) {
      const headers = { "Sec-WebSocket-Protocol": null };
      assert.equal(
        (await rawAnswer(port, upgradeHead({ target: "/rooms/lobby?last=-1", headers }))).status,
        400,
      );
      const peer = await RawSocketPeer.open({ port });
      peer.reset();
      await peer.closed();
    }
    await Peer.join(t, port);
    await Peer.join(t, port);
  });

  test("[GROW-54] behind a trusted proxy the address is the one that it names, and nobody else's word counts", async (t) => {
    const { port } = await startParlor(t, { connectionsPerAddress: 1, trustProxy: ["127.0.0.1"] });
    const from = (address: string): string => upgradeHead({ headers: { "X-Forwarded-For": address } });
    const held = [];
    for (const address of ["192.0.2.1", "192.0.2.2"]) {
      const peer = await RawSocketPeer.connect({ port });
      peer.write(from(address));
      assert.equal((await readAnswer(peer)).status, 101);
      held.push(peer);
    }
    assertRefused(await rawAnswer(port, from("192.0.2.1")), 429, "too-many-connections");
    const stranger = await RawSocketPeer.connect({ port, localAddress: "127.0.0.5" });
    stranger.write(from("192.0.2.77"));
    assert.equal((await readAnswer(stranger)).status, 101);
    assertRefused(await rawAnswer(port, from("192.0.2.78"), "127.0.0.5"), 429, "too-many-connections");
    for (const peer of [...held, stranger]) peer.destroy();
  });
});

describe("while draining", () => {
  test("[DRAIN-50] upgrades, feeds and publishes are 503 in words with Retry-After; reading still works", async (t) => {
    const { port, parlor, origin } = await startParlor(t);
    await parlor.room("lobby").publish("before");
    const peer = await Peer.join(t, port);
    const drained = parlor.drain();
    for (const target of ["/connect", "/rooms/lobby"]) {
      assertRefused(await rawAnswer(port, upgradeHead({ target })), 503, "draining");
    }
    const publish = await fetch(`${origin}/rooms/lobby/messages`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '"x"',
    });
    assert.equal(publish.status, 503);
    assert.ok(publish.headers.has("retry-after"));
    assert.equal((await fetch(`${origin}/readyz`)).status, 503);
    assert.equal((await fetch(`${origin}/healthz`)).status, 200);
    const page = (await (await fetch(`${origin}/rooms/lobby/messages`)).json()) as { head: number };
    assert.equal(page.head, 1);
    assert.equal((await peer.close()).code, 1001);
    await drained;
  });
});
