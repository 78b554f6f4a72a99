import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RawSocketPeer } from "@parlor/testkit";
import { startAbused } from "../support/abused-server.ts";
import { Peer } from "../support/peer.ts";
import { assertRefused, rawAnswer, upgradeHead } from "../support/raw-http.ts";

/** Names that an object has without anybody having put them there. */
const INHERITED = ["__proto__", "constructor", "hasOwnProperty", "toString", "valueOf", "prototype"];

describe("a handshake that speaks of something else", () => {
  test("[ABUSE-1] other protocols' sessions, versions and transports in an address mean nothing, and nobody gets another's session (B12, B13, B14)", async (t) => {
    const server = await startAbused(t);
    const { port } = server;
    const foreign = [
      "EIO=4&transport=websocket&sid=",
      "EIO=3&transport=polling&sid=",
      "EIO=4&transport=webtransport&sid=",
      "transport=constructor&sid=",
      "connectionToken=",
      "vsn=2.0.0&token=",
    ];
    for (const query of foreign) {
      for (const sid of ["", "abcdefghijklmnopqrst", ...INHERITED]) {
        const target = `/connect?${query}${sid}`;
        assert.equal((await rawAnswer(port, upgradeHead({ target }))).status, 101, target);
        const plain = { target: `/rooms/lobby?${query}${sid}`, headers: { "Sec-WebSocket-Protocol": null } };
        assert.equal((await rawAnswer(port, upgradeHead(plain))).status, 101, target);
        assertRefused(
          await rawAnswer(port, upgradeHead({ target: `/socket.io/?${query}${sid}` })),
          404,
          "unknown-frame",
          target,
        );
      }
    }
    // Two connections that name one session know nothing of one another.
    using first = await RawSocketPeer.open({ port, path: "/connect?sid=shared" });
    first.send({ type: "hello", version: 1, key: "k".repeat(30), producer: "producer-1" });
    await first.readJsonWith({ type: "welcome" });
    using second = await RawSocketPeer.open({ port, path: "/connect?sid=shared" });
    second.send({ type: "publish", room: "lobby", seq: 1, body: "as the other one" });
    const refused = (await second.readJson()) as { code: string; message: string };
    assert.deepEqual(
      [refused.code, refused.message],
      ["hello-first", "The first frame of a connection is `hello`."],
    );
    await server.assertUnharmed();
  });

  test("[ABUSE-2] names that every object has are names as any other: of rooms, producers, keys, parameters, headers and files (B2, B14)", async (t) => {
    const server = await startAbused(t);
    const { port, origin } = server;
    for (const name of INHERITED) {
      const producer = name.padEnd(9, "_");
      const key = name.padEnd(22, ".");
      const peer = await Peer.join(t, port, { key, producer });
      await peer.subscribe(name);
      const parameter = `?${name}=1&${name}[${name}]=2`;
      for (const [header, value] of [
        [name, name],
        ["Cookie", `${name}=${name}; ${name}`],
        ["Sec-WebSocket-Extensions", `${name}, ${name}; ${name}=${name}`],
      ] as const) {
        const answer = await rawAnswer(
          port,
          upgradeHead({ target: `/connect${parameter}`, headers: { [header]: value } }),
        );
        assert.equal(answer.status, 101, `${header}: ${value}`);
        assert.equal(answer.headers.has("sec-websocket-extensions"), false);
      }
      peer.send({ type: "publish", room: name, seq: 1, body: { [`own ${name}`]: name } });
      const [ack, heard] = [await peer.find("messages"), peer.identity];
      assert.deepEqual(
        ack.messages.map(({ from, offset, seq, body }) => ({ from, offset, seq, body })),
        [{ from: heard, offset: 1, seq: 1, body: { [`own ${name}`]: name } }],
      );
      const again = await Peer.join(t, port, { key, producer });
      again.send({ type: "publish", room: name, seq: 1, body: "a repetition" });
      assert.deepEqual(await again.next("ack"), {
        type: "ack",
        room: name,
        seq: 1,
        offset: 1,
        duplicate: true,
      });
      const file = await fetch(`${origin}/status/${name}`);
      assert.equal(file.status, 404);
      await file.body?.cancel();
      const never = await (await fetch(`${origin}/rooms/${name}2/messages${parameter}`)).json();
      assert.deepEqual((never as { messages: unknown[] }).messages, []);
    }
    assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
    await server.assertUnharmed();
  });

  test("[ABUSE-3] an upgrade passes the checks of a request, at every address and in every disguise (B20, B21)", async (t) => {
    const server = await startAbused(t);
    const { port } = server;
    const evil = { Origin: "https://evil.example" };
    for (const target of [
      "/connect",
      "/rooms/lobby",
      "/rooms/lobby/messages",
      "/connect/stream",
      "/healthz",
      "/status",
    ]) {
      for (const Upgrade of ["websocket", "WebSocket", "h2c, websocket", "websocket/13", "notwebsocket"]) {
        const answer = await rawAnswer(port, upgradeHead({ target, headers: { ...evil, Upgrade } }));
        assertRefused(answer, 403, "origin-not-allowed", `${target} ${Upgrade}`);
      }
    }
    for (const target of [
      "http://169.254.169.254/latest/meta-data",
      "//evil.example/connect",
      "*",
      "evil:443",
    ]) {
      for (const request of [upgradeHead({ target }), upgradeHead({ target, headers: { Upgrade: null } })]) {
        const { status } = await rawAnswer(port, request);
        assert.ok(status === 404 || status === 400, `${target}: ${status}`);
      }
    }
    await server.assertUnharmed();
  });
});
