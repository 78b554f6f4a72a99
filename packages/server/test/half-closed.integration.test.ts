import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import type { RequestQuestion } from "@parlor/server";
import { RawSocketPeer } from "@parlor/testkit";
import { Peer } from "./support/peer.ts";
import { startParlor } from "./support/parlor-server.ts";
import { rawAnswer } from "./support/raw-http.ts";

const HEAD = "HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
const hello = { type: "hello", version: 1, key: "k".repeat(30), producer: "producer-1" };

/** A request below `/connect` with these frames behind its hello. */
function post(target: string, ...frames: readonly object[]): string {
  const body = [hello, ...frames].map((frame) => JSON.stringify(frame)).join("\n");
  return `POST ${target} ${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`;
}

/** A hook that judges nothing before the end of the peer's side has reached the server. */
class Gate {
  #open = (): void => undefined;
  #isOpen = new Promise<void>((resolve) => (this.#open = resolve));

  readonly authorize = async (): Promise<true> => {
    await this.#isOpen;
    return true;
  };

  /** Resolves with all that a peer reads who ends its side behind its request. */
  async afterEnding(port: number, request: string): Promise<string> {
    using peer = await RawSocketPeer.connect({ port });
    peer.write(request);
    peer.endWriting();
    await once(peer.socket, "finish");
    // What comes later on another connection is answered behind what came on this one.
    await (await fetch(`http://127.0.0.1:${port}/healthz`)).text();
    this.#open();
    await peer.closed();
    return (await peer.readBytes(peer.receivedBytes)).toString("utf8");
  }
}

describe("a peer that ends its side behind its request", () => {
  const publish = `POST /rooms/lobby/messages ${HEAD}Content-Length: 3\r\n\r\n"x"`;
  for (const [what, request, answer] of [
    ["a publish", publish, /^HTTP\/1\.1 201 [^]*"offset":2\}$/],
    ["publishes behind each other", publish.repeat(3), /"offset":2\}[^]*"offset":3\}[^]*"offset":4\}$/],
    [
      "a send",
      post("/connect/send", { type: "publish", room: "lobby", seq: 1, body: "y" }),
      /^HTTP\/1\.1 200 [^]*"type":"ack"[^]*"offset":2\}/,
    ],
    ["a page of history", `GET /rooms/lobby/messages ${HEAD}\r\n`, /^HTTP\/1\.1 200 [^]*"more":false\}$/],
  ] as const) {
    test(`[REFUSE-62] has the whole answer: ${what}`, async (t) => {
      const gate = new Gate();
      const { port, log, parlor } = await startParlor(t, { authorize: gate.authorize });
      await parlor.room("lobby").publish("there");
      assert.match(await gate.afterEnding(port, request), answer);
      assert.equal((await log.head("lobby")).head, 1 + (request.match(/"[xy]"/g) ?? []).length);
    });
  }

  test("[REFUSE-62] is told by a poll what there is, which waits no longer", async (t) => {
    const gate = new Gate();
    const { port, parlor } = await startParlor(t, { authorize: gate.authorize });
    await parlor.room("lobby").publish("there");
    const poll = post("/connect/poll", { type: "subscribe", room: "lobby", last: 0 });
    assert.match(await gate.afterEnding(port, poll), /^HTTP\/1\.1 200 [^]*"type":"subscribed"/);
    const behind = post("/connect/poll", { type: "subscribe", room: "lobby", after: 0 });
    assert.match(await gate.afterEnding(port, behind), /"body":"there"/);
    // One that waited for a while already.
    using peer = await RawSocketPeer.connect({ port });
    peer.write(poll);
    const metrics = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    while (!/^parlor_subscriptions\{phase="live"\} 1$/m.test(await metrics()));
    peer.endWriting();
    assert.equal((await peer.readResponse()).status, 200);
    await peer.closed();
  });

  test("[REFUSE-62] has ended its stream and its feed, and is counted no more", async (t) => {
    const { port, origin } = await startParlor(t);
    const feed = `GET /rooms/lobby/messages ${HEAD}Accept: text/event-stream\r\n\r\n`;
    for (const request of [post("/connect/stream", { type: "subscribe", room: "lobby" }), feed]) {
      using peer = await RawSocketPeer.connect({ port });
      peer.write(request);
      assert.equal((await peer.readResponse()).status, 200);
      peer.endWriting();
      await peer.closed();
    }
    const metrics = await (await fetch(`${origin}/metrics`)).text();
    assert.match(metrics, /^parlor_connections\{transport="stream"\} 0$/m);
    assert.match(metrics, /^parlor_connections\{transport="feed"\} 0$/m);
  });

  test("[REFUSE-62] is not worked for by a handler whose answer it may never read", async (t) => {
    let aborted = (): void => {};
    const ended = new Promise<void>((resolve) => (aborted = resolve));
    let begun = (): void => {};
    const asked = new Promise<void>((resolve) => (begun = resolve));
    const slow = async ({ signal }: RequestQuestion): Promise<void> => {
      begun();
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      aborted();
    };
    const { port } = await startParlor(t, { requests: { slow } });
    using peer = await RawSocketPeer.connect({ port });
    peer.write(post("/connect/send", { type: "request", id: 1, method: "slow" }));
    await asked;
    peer.endWriting();
    await ended;
    await Peer.join(t, port);
  });

  test("[REFUSE-62] ends a connection that was kept alive, and its next one is served", async (t) => {
    const { port } = await startParlor(t);
    using peer = await RawSocketPeer.connect({ port });
    peer.write(`GET /healthz ${HEAD}\r\n`);
    assert.equal((await peer.readResponse()).status, 200);
    peer.endWriting();
    await peer.closed();
    assert.equal((await rawAnswer(port, `GET /healthz ${HEAD}\r\n`)).status, 200);
  });
});
