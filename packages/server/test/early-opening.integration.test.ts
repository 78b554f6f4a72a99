import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RawSocketPeer } from "@parlor/testkit";
import { startParlor } from "./support/parlor-server.ts";
import { assertRefused, rawAnswer, upgradeHead } from "./support/raw-http.ts";

const HELLO = { type: "hello", version: 1, key: "k".repeat(30), producer: "producer-1" };

/** A request for a WebSocket that brings these frames along. */
function earlyHead(frames: readonly unknown[]): string {
  const text = frames.map((frame) => JSON.stringify(frame)).join("\n");
  const opening = `parlor.v1.opening.${Buffer.from(text).toString("base64url")}`;
  return upgradeHead({ headers: { "Sec-WebSocket-Protocol": `parlor.v1, parlor.v1.opened, ${opening}` } });
}

describe("an opening in the request for a WebSocket", () => {
  test("[HELLO-80] frames in the request for a WebSocket are taken like any others, and answered behind its answer", async (t) => {
    const { port, parlor } = await startParlor(t);
    await parlor.room("gruß").publish("early");
    using peer = await RawSocketPeer.connect({ port });
    peer.write(earlyHead([HELLO, { type: "subscribe", room: "gruß", last: 1 }, { type: "hello" }]));
    const { status, headers } = await peer.readResponse();
    assert.deepEqual([status, headers.get("sec-websocket-protocol")], [101, "parlor.v1.opened"]);
    await peer.readJsonWith({ type: "welcome" });
    await peer.readJsonWith({ type: "error", to: "hello", code: "bad-frame" });
    await peer.readJsonWith({ type: "subscribed", room: "gruß", after: 0, head: 1 });
    await peer.readJsonWith({ type: "messages", after: 0 });
    peer.send({ type: "ping" });
    await peer.readJsonWith({ type: "pong" });
  });

  test("[HELLO-81] more than eight frames, 2,048 characters or no base64url in a request are passed over, and `parlor.v1` is chosen", async (t) => {
    const { port } = await startParlor(t);
    const ping = { type: "ping" };
    for (const head of [
      earlyHead([HELLO, ...Array.from({ length: 8 }, () => ping)]),
      earlyHead([{ ...HELLO, token: "t".repeat(1_500) }]),
      upgradeHead({
        headers: { "Sec-WebSocket-Protocol": "parlor.v1, parlor.v1.opened, parlor.v1.opening.a+b" },
      }),
    ]) {
      using peer = await RawSocketPeer.connect({ port });
      peer.write(head);
      assert.equal((await peer.readResponse()).headers.get("sec-websocket-protocol"), "parlor.v1");
      peer.send(HELLO);
      await peer.readJsonWith({ type: "welcome" });
    }
    // Nothing was taken, so nothing can be said to have been.
    const headers = { "Sec-WebSocket-Protocol": "parlor.v1.opened" };
    assertRefused(await rawAnswer(port, upgradeHead({ headers })), 400, "bad-frame");
  });

  test("[HELLO-82] a host's hook does not find the frames of a request among its headers", async (t) => {
    const seen: unknown[] = [];
    const { port } = await startParlor(t, {
      authenticate: ({ headers }) => {
        seen.push(headers["sec-websocket-protocol"]);
        return { identity: "ada" };
      },
    });
    for (const [frames, isTaken] of [
      [[HELLO], true],
      [[{ ...HELLO, token: "t".repeat(1_500) }], false],
    ] as const) {
      using peer = await RawSocketPeer.connect({ port });
      peer.write(earlyHead(frames));
      await peer.readResponse();
      if (!isTaken) peer.send(HELLO);
      await peer.readJsonWith({ type: "welcome", identity: "ada" });
    }
    assert.deepEqual(seen, ["parlor.v1, parlor.v1.opened", "parlor.v1, parlor.v1.opened"]);
  });
});
