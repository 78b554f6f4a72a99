import assert from "node:assert/strict";
import { test } from "node:test";
import { connect } from "@nats-io/transport-node";
import { openNatsBlobs, openNatsLog } from "@parlor/nats";
import { fill, NatsCluster } from "@parlor/testkit";

test("[CLUSTER-26] files are deleted, rooms trimmed and deleted, and no server is asked to purge a subject", async () => {
  await using cluster = await NatsCluster.start();
  const connection = await connect({ servers: cluster.urlOf(0) });
  const asked: string[] = [];
  connection.subscribe("$JS.API.STREAM.>", { callback: (_, { subject }) => void asked.push(subject) });
  const [log, store] = [await openNatsLog({ url: cluster.url }), await openNatsBlobs({ url: cluster.url })];
  try {
    const content = Buffer.alloc(300_000, 1);
    const { part } = await store.putPart([content] as unknown as AsyncIterable<Uint8Array>, Infinity);
    const { hash } = await store.assemble([part]);
    await store.dropParts([part]);
    assert.equal(await store.delete(hash), true);
    const left: string[] = [];
    for await (const { name } of store.list()) left.push(name);
    assert.deepEqual(left, []);
    await fill(log, "kept", 3);
    for (let i = 0; i < 3; i++)
      await fill(log, "gone", 2, (seq) => ({ seq: seq + 2 * i, afterSeq: seq + 2 * i - 1 }));
    assert.equal(await log.trim("gone", 4), 4);
    assert.equal(await log.delete("gone"), true);
    const { messages } = await log.read("kept", 0, { maxMessages: 9, maxBytes: Infinity });
    assert.equal(messages.length, 3);
  } finally {
    await store.close();
    await log.close();
    await connection.close();
  }
  const purges = asked.filter((subject) => subject.includes(".PURGE."));
  assert.deepEqual(purges, []);
  assert.ok(asked.some((subject) => subject.startsWith("$JS.API.STREAM.MSG.DELETE.parlor_files")));
  assert.ok(asked.some((subject) => /^\$JS\.API\.STREAM\.MSG\.DELETE\.parlor_\d$/.test(subject)));
});
