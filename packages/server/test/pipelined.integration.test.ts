import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RawSocketPeer } from "@parlor/testkit";
import { Peer } from "./support/peer.ts";
import { startParlor } from "./support/parlor-server.ts";
import { assertRefused, readAnswer, upgradeHead } from "./support/raw-http.ts";

describe("what stands behind a request on its connection", () => {
  test("[REFUSE-61] behind a request that is sound it comes behind its answer, and a publish that is stored hears so", async (t) => {
    const { port, log } = await startParlor(t);
    const head = "HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    const hello = JSON.stringify({ type: "hello", version: 1, key: "k".repeat(30), producer: "producer-1" });
    const poll = `POST /connect/poll?wait=1 ${head}Content-Length: ${hello.length}\r\n\r\n${hello}`;
    for (const [request, status] of [
      [`POST /rooms/lobby/messages ${head}Content-Length: 3\r\n\r\n"x"`, 201],
      [`GET /rooms/lobby/messages ${head}\r\n`, 200],
      [`GET /healthz ${head}\r\n`, 200],
      [poll, 200],
    ] as const) {
      using peer = await RawSocketPeer.connect({ port });
      peer.write(`${request}no HTTP\r\n\r\n`);
      peer.write("nor this\r\n\r\n");
      assert.equal((await readAnswer(peer)).status, status, request);
      assertRefused(await readAnswer(peer), 400, "bad-frame", request);
      await peer.closed();
      assert.equal(peer.receivedBytes, 0, request);
    }
    assert.equal((await log.head("lobby")).head, 1);
  });

  test("[REFUSE-61] so it does behind one that is still being stored, if the next one's head is sound and its body is not", async (t) => {
    const { port, log } = await startParlor(t, {
      authorize: () => new Promise((go) => setImmediate(go, true)),
    });
    const head =
      "POST /rooms/lobby/messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    const sound = `${head}Content-Length: 3\r\n\r\n"x"`;
    for (const broken of [
      `${head}Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n0\r\n\r\n`,
      `${head}Transfer-Encoding: chunked\r\n\r\n1\r\n12\r\n0\r\n\r\n`,
      // Its head is refused already, and then the parser finds that it can't go on.
      `${head}Transfer-Encoding: xchunked\r\n\r\n1\r\n1\r\n0\r\n\r\n`,
    ]) {
      using peer = await RawSocketPeer.connect({ port });
      peer.write(sound + sound + broken);
      assert.equal((await readAnswer(peer)).status, 201, broken);
      assert.equal((await readAnswer(peer)).status, 201, broken);
      assertRefused(await readAnswer(peer), 400, "bad-frame", broken);
      await peer.closed();
      assert.equal(peer.receivedBytes, 0, broken);
    }
    assert.equal((await log.head("lobby")).head, 6);
  });

  test("[REFUSE-61] so does what takes the whole connection: an upgrade, its refusal, a tunnel", async (t) => {
    const { port, log } = await startParlor(t, {
      authorize: () => new Promise((go) => setImmediate(go, true)),
    });
    const publish =
      'POST /rooms/lobby/messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 3\r\n\r\n"x"';
    for (const [behind, status] of [
      [upgradeHead(), 101],
      [upgradeHead({ target: "/rooms/lobby", headers: { "Sec-WebSocket-Protocol": null } }), 101],
      [upgradeHead({ target: "/connect", headers: { "Sec-WebSocket-Protocol": null } }), 400],
      [upgradeHead({ headers: { Origin: "http://evil.example" } }), 403],
      [upgradeHead({ target: "/nowhere" }), 404],
      ["CONNECT example.org:443 HTTP/1.1\r\nHost: localhost\r\n\r\n", 405],
    ] as const) {
      using peer = await RawSocketPeer.connect({ port });
      peer.write(publish + publish + behind);
      assert.equal((await readAnswer(peer)).status, 201, behind);
      assert.equal((await readAnswer(peer)).status, 201, behind);
      assert.equal((await readAnswer(peer)).status, status, behind);
    }
    assert.equal((await log.head("lobby")).head, 12);
    // Who goes away meanwhile holds nothing, and one whose connection ends with its answer is not upgraded.
    using peer = await RawSocketPeer.connect({ port });
    peer.write(publish + upgradeHead());
    peer.reset();
    const last = await RawSocketPeer.connect({ port });
    last.write(publish.replace("\r\nContent-L", "\r\nConnection: close\r\nContent-L") + upgradeHead());
    assert.equal((await readAnswer(last)).status, 201);
    await last.closed();
    assert.equal(last.receivedBytes, 0);
    await (await Peer.join(t, port)).leave();
  });
});
