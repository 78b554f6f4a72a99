import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MemoryLog } from "@parlor/log";
import type { Authorize } from "@parlor/server";
import { freshKey, Peer } from "./support/peer.ts";
import { startParlor } from "./support/parlor-server.ts";

const NO = { code: "forbidden", message: "The room is locked." } as const;

/** A hook whose answer changes while the server runs. */
class Lock {
  isOn = false;
  readonly authorize: Authorize = ({ action }) => (this.isOn && action === "publish" ? NO : true);
  readonly slowly: Authorize = async (question, about) => {
    await new Promise((resolve) => setImmediate(resolve));
    return await this.authorize(question, about);
  };
}

describe("a publish that is stored, and sent again when its sender may not publish any more", () => {
  for (const how of ["authorize", "slowly"] as const) {
    test(`[ONCE-66] is a duplicate, and what is not stored is refused, in order (${how})`, async (t) => {
      const lock = new Lock();
      const { port, log } = await startParlor(t, { authorize: lock[how] });
      const hello = { key: freshKey(), producer: "my-outbox" };
      const before = await Peer.join(t, port, hello);
      for (const seq of [1, 2]) await before.publish("lobby", seq, `said ${seq}`);
      lock.isOn = true;
      const after = await Peer.join(t, port, hello);
      for (const seq of [1, 2, 3]) after.send({ type: "publish", room: "lobby", seq, body: `said ${seq}` });
      const answers = [await after.next("ack"), await after.next("ack"), await after.next("refused")];
      assert.deepEqual(
        answers.map((answer) => [answer.seq, "duplicate" in answer && answer.duplicate]),
        [
          [1, true],
          [2, true],
          [3, false],
        ],
      );
      assert.deepEqual(
        [answers[1]?.type === "ack" && answers[1].offset, (await log.head("lobby")).head],
        [2, 2],
      );
      const stranger = await Peer.join(t, port, { key: freshKey() });
      stranger.send({ type: "publish", room: "lobby", seq: 1, body: "hello" });
      assert.equal((await stranger.next("refused")).code, "forbidden");
      // What it relies on is no news to who may not publish at all.
      stranger.send({ type: "publish", room: "lobby", seq: 9, body: "hello" });
      assert.equal((await stranger.next("refused")).code, "forbidden");
      assert.equal((await log.head("lobby")).head, 2);
    });
  }

  test("[ONCE-66] over HTTP it is 201 with its position, and what is not stored 403", async (t) => {
    const lock = new Lock();
    const { origin } = await startParlor(t, { authorize: lock.authorize });
    const url = `${origin}/rooms/lobby/messages`;
    const json = { "content-type": "application/json" };
    const roads: Record<string, string>[] = [
      { "idempotency-key": "order-4711" },
      { authorization: `Bearer ${freshKey()}`, "parlor-producer": "my-outbox", "parlor-seq": "1" },
    ];
    for (const road of roads) {
      const post = { method: "POST", headers: { ...json, ...road }, body: '"hello"' };
      lock.isOn = false;
      const first = (await (await fetch(url, post)).json()) as unknown;
      lock.isOn = true;
      const again = await fetch(url, post);
      assert.deepEqual([again.status, await again.json()], [201, first]);
    }
    const other = { method: "POST", headers: { ...json, "idempotency-key": "order-4712" }, body: '"hello"' };
    assert.equal((await fetch(url, other)).status, 403);
  });

  test("[ONCE-66] does what the stored message says, be it half done, and nothing that another body would", async (t) => {
    const lock = new Lock();
    const log = new MemoryLog();
    const isDeletion = (body: unknown): boolean => body === "delete";
    const hello = { key: freshKey(), producer: "my-outbox" };
    // A server that erases nothing leaves what one leaves that died in between.
    const died = await startParlor(t, { log });
    const before = await Peer.join(t, died.port, hello);
    await before.publish("lobby", 1, "secret");
    const { port } = await startParlor(t, { log, authorize: lock.authorize, erases: isDeletion });
    lock.isOn = true;
    const publish = { type: "publish", room: "lobby", re: 1 };
    const bodies = async (): Promise<unknown[]> =>
      (await log.read("lobby", 0, { maxMessages: 9, maxBytes: Infinity })).messages.map((m) => m.bodyJson);
    const after = await Peer.join(t, port, hello);
    after.send({ ...publish, seq: 1, body: "delete" });
    assert.equal((await after.next("ack")).duplicate, true);
    assert.deepEqual(await bodies(), ['"secret"'], "it may not delete");
    before.send({ ...publish, seq: 2, body: "delete" });
    await before.next("ack");
    after.send({ ...publish, seq: 2, body: "anything" });
    assert.equal((await after.next("ack")).duplicate, true);
    assert.deepEqual(await bodies(), [null, '"delete"']);
  });
});
