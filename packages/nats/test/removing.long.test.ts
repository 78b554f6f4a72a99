import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { openNatsBlobs } from "@parlor/nats";
import { NatsCluster, wait } from "@parlor/testkit";

const KILLS = 6;
const LANES = 4;

test("[CLUSTER-26] files that were stored are all there after parts of others were dropped while servers died", {
  timeout: 300_000,
}, async () => {
  await using cluster = await NatsCluster.start({ servers: 3 });
  const store = await openNatsBlobs({ url: cluster.url });
  const stored: string[] = [];
  let isOver = false;
  const lane = async (): Promise<void> => {
    while (!isOver) {
      try {
        const content = randomBytes(3_000);
        const { part } = await store.putPart([content] as unknown as AsyncIterable<Uint8Array>, Infinity);
        stored.push((await store.assemble([part])).hash);
        await store.dropParts([part]);
      } catch {
        // The cluster has no leader for some seconds; what was not acknowledged is not asked for.
        await wait(200);
      }
    }
  };
  try {
    const lanes = Array.from({ length: LANES }, lane);
    for (let kill = 0; kill < KILLS; kill++) {
      await wait(2_500);
      await cluster.kill(kill % 3);
      await cluster.restart(kill % 3, 120_000);
    }
    isOver = true;
    await Promise.all(lanes);
    assert.ok(stored.length > 100);
    for (const hash of stored) {
      const found = createHash("sha256");
      for await (const chunk of store.read(hash, 0, Infinity)) found.update(chunk);
      assert.equal(found.digest("hex"), hash);
    }
  } finally {
    await store.close();
  }
});
