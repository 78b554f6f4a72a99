import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { connect } from "@nats-io/transport-node";
import { jetstream } from "@nats-io/jetstream";
import { systemClock } from "@parlor/base";
import { openNatsBlobs } from "@parlor/nats";
import { NatsCluster } from "@parlor/testkit";

const PIECE_BYTES = 131_072;

test("[CLUSTER-24] a piece that is another than it was is never sent: it is asked for again, until it is right or the reading ends", async () => {
  await using cluster = await NatsCluster.start();
  let waits = 0;
  let onWait: (() => Promise<void>) | null = null;
  // What a copy that lagged has a moment later, it has when the store has waited once.
  const clock = {
    ...systemClock,
    after: (_: number, run: () => void) => {
      waits += 1;
      const work = onWait?.() ?? Promise.resolve();
      return systemClock.after(0, () => void work.then(run));
    },
  };
  const store = await openNatsBlobs({ url: cluster.url, name: "files", clock });
  const connection = await connect({ servers: cluster.urlOf(0) });
  try {
    const content = randomBytes(3 * PIECE_BYTES);
    const { part } = await store.putPart([content] as unknown as AsyncIterable<Uint8Array>, Infinity);
    const { hash } = await store.assemble([part]);
    const put = async (bytes: Uint8Array): Promise<void> => {
      await jetstream(connection).publish(`files.f.piece.${hash}.1`, bytes);
    };
    const read = async (): Promise<{ got: Buffer; fault: unknown }> => {
      const chunks: Uint8Array[] = [];
      let fault: unknown = null;
      try {
        for await (const chunk of store.read(hash, 10, content.length)) chunks.push(chunk);
      } catch (error) {
        fault = error;
      }
      return { got: Buffer.concat(chunks), fault };
    };
    const right = content.subarray(PIECE_BYTES, 2 * PIECE_BYTES);
    await put(randomBytes(PIECE_BYTES));
    const ended = await read();
    assert.equal((ended.fault as { code?: string }).code, "unavailable");
    assert.deepEqual(ended.got, content.subarray(10, PIECE_BYTES), "what came before it is right");
    assert.ok(waits > 0);

    onWait = () => put(right);
    const mended = await read();
    assert.equal(mended.fault, null);
    assert.deepEqual(mended.got, content.subarray(10));
  } finally {
    await connection.close();
    await store.close();
  }
});
