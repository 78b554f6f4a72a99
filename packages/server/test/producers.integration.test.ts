import assert from "node:assert/strict";
import { test } from "node:test";
import { freshKey, Peer } from "./support/peer.ts";
import { startParlor } from "./support/parlor-server.ts";

test("[ONCE-65] one connection publishes for several producers, and what it sent goes on over another", async (t) => {
  const { port, log } = await startParlor(t, { maxBodyBytes: 100 });
  const key = freshKey();
  const peer = await Peer.join(t, port, { key });
  const say = (producer: string, seq: number, body: unknown, over: object = {}): void =>
    peer.send({ type: "publish", room: "lobby", producer, seq, body, ...over });
  say("tab-one-", 1, "a");
  say("tab-two-", 1, "b");
  peer.send({ type: "publish", room: "lobby", seq: 1, body: "c" });
  say("tab-two-", 3, "d");
  say("tab-one-", 2, "x".repeat(200));
  say("tab-one-", 2, 0, { re: -1 });
  const ack = { type: "ack", room: "lobby", seq: 1 };
  assert.deepEqual(await peer.next("ack"), { ...ack, offset: 1, producer: "tab-one-" });
  assert.deepEqual(await peer.next("ack"), { ...ack, offset: 2, producer: "tab-two-" });
  assert.deepEqual(await peer.next("ack"), { ...ack, offset: 3 });
  const refused = [await peer.next("refused"), await peer.next("refused"), await peer.next("refused")];
  assert.deepEqual(
    refused.map(({ code, producer, seq, expected }) => [code, producer, seq, expected]),
    [
      ["out-of-order", "tab-two-", 3, 2],
      ["too-large", "tab-one-", 2, undefined],
      ["bad-frame", "tab-one-", 2, undefined],
    ],
  );

  // The tab by itself, as a server sees it after the others are gone.
  const alone = await Peer.join(t, port, { key, producer: "tab-one-" });
  assert.deepEqual(await alone.publish("lobby", 1, "a"), { ...ack, offset: 1, duplicate: true });
  assert.deepEqual(await alone.publish("lobby", 2, "e", { afterSeq: 1 }), { ...ack, seq: 2, offset: 4 });
  const { messages } = await log.read("lobby", 0, { maxMessages: 10, maxBytes: 10_000 });
  const named = messages.map(({ producer }) => producer).filter((one) => one.startsWith("tab-"));
  assert.deepEqual(named, ["tab-one-", "tab-two-", "tab-one-"]);
});
