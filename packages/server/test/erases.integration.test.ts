import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MemoryLog } from "@parlor/log";
import { freshKey, Peer } from "./support/peer.ts";
import { startParlor } from "./support/parlor-server.ts";

const isDeletion = (body: unknown): boolean =>
  typeof body === "object" && body !== null && "delete" in body && body.delete === true;

/** The room's bodies, null where one is erased. */
async function bodies(log: MemoryLog): Promise<unknown[]> {
  const { messages } = await log.read("lobby", 0, { maxMessages: 100, maxBytes: Infinity });
  return messages.map(({ bodyJson }): unknown => (bodyJson === null ? null : JSON.parse(bodyJson)));
}

describe("messages that take back others", () => {
  test("[MSG-5] a deletion erases its author's text and edits before it is answered; another one's erases nothing", async (t) => {
    const log = new MemoryLog();
    const { port } = await startParlor(t, { log, erases: isDeletion });
    const ada = await Peer.join(t, port, { key: freshKey() });
    const bob = await Peer.join(t, port, { key: freshKey() });
    const say = (peer: Peer, seq: number, body: unknown, re?: number): void =>
      peer.send({ type: "publish", room: "lobby", seq, body, ...(re === undefined ? {} : { re }) });
    const eve = await Peer.join(t, port, { key: freshKey() });
    await eve.subscribe("lobby");
    say(ada, 1, "secret");
    await ada.next("ack");
    say(ada, 2, { edit: "still secret" }, 1);
    await ada.next("ack");
    say(bob, 1, { delete: true }, 1);
    assert.equal((await bob.next("ack")).offset, 3);
    const before = ["secret", { edit: "still secret" }, { delete: true }];
    assert.deepEqual(await bodies(log), before);
    say(ada, 3, { delete: true }, 1);
    assert.equal((await ada.next("ack")).offset, 4);
    assert.deepEqual(await bodies(log), [null, null, { delete: true }, { delete: true }]);
    // Without `re` it is about nothing, and what is about a message to come takes nothing back.
    say(ada, 4, { delete: true });
    await ada.next("ack");
    say(ada, 5, { delete: true }, 99);
    await ada.next("ack");
    assert.equal((await bodies(log)).filter((body) => body === null).length, 2);
    // Who follows the room learns of it by the deletion, whose own words stay.
    const heard: unknown[] = [];
    while (heard.length < 6) heard.push(...(await eve.next("messages")).messages.map(({ body }) => body));
    assert.deepEqual(heard.slice(2, 4), [{ delete: true }, { delete: true }]);
  });

  test("[MSG-5] a deletion that a crash left half done is done when it is sent again, later ones behind it", async (t) => {
    const log = new MemoryLog();
    const hello = { key: freshKey(), producer: "my-outbox" };
    // A server that stores and erases nothing leaves what one leaves that died in between.
    const died = await startParlor(t, { log });
    const before = await Peer.join(t, died.port, hello);
    for (const [seq, body, re] of [
      [1, "secret", undefined],
      [2, { edit: "still secret" }, 1],
      [3, { delete: true }, 1],
      [4, "something else", undefined],
    ] as const) {
      before.send({ type: "publish", room: "lobby", seq, body, ...(re === undefined ? {} : { re }) });
      await before.next("ack");
    }
    const { port } = await startParlor(t, { log, erases: isDeletion });
    const after = await Peer.join(t, port, hello);
    after.send({ type: "publish", room: "lobby", seq: 3, body: { delete: true }, re: 1 });
    assert.equal((await after.next("ack")).duplicate, true);
    assert.deepEqual(await bodies(log), [null, null, { delete: true }, "something else"]);
  });
});
