import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openNatsLog } from "@parlor/nats";
import { NatsCluster, randomInteger, seededRandom, testSeed, wait } from "@parlor/testkit";
import { assertKept, publishUntil } from "./writers.ts";

const FAULTS = 20;
const ROOMS = ["one", "two", "three"];

describe("a cluster under faults", { timeout: 900_000 }, () => {
  test("[NATS-5] three nodes lose, double and reorder nothing while servers are killed and stopped", async (context) => {
    const seed = testSeed();
    context.diagnostic(`seed ${seed}`);
    const random = seededRandom(seed);
    await using cluster = await NatsCluster.start({ servers: 3 });
    const options = { url: cluster.url, name: "faults", shards: 2 };
    const logs = [await openNatsLog(options), await openNatsLog(options), await openNatsLog(options)];
    try {
      let isOver = false;
      const writers = logs.flatMap((log, i) =>
        ROOMS.map(async (room) => ({
          room,
          acked: await publishUntil(log, room, `writer${i}`, () => isOver),
        })),
      );
      for (let i = 0; i < FAULTS; i++) {
        await wait(randomInteger(random, 500, 2_000));
        const server = randomInteger(random, 0, 2);
        if (random() < 0.5) {
          await cluster.kill(server);
          await wait(randomInteger(random, 100, 2_000));
          await cluster.restart(server);
        } else {
          await cluster.pause(server);
          await wait(randomInteger(random, 100, 5_000));
          cluster.resume(server);
        }
      }
      isOver = true;
      const done = await Promise.all(writers);
      for (const room of ROOMS) {
        const acked = done.filter((each) => each.room === room).flatMap((each) => each.acked);
        context.diagnostic(`${acked.length} acknowledged in ${room}`);
        assert.ok(acked.length > FAULTS);
        const orders = await Promise.all(logs.map((log) => assertKept(log, room, acked)));
        for (const order of orders) assert.deepEqual(order, orders[0]);
      }
    } finally {
      await Promise.all(logs.map((log) => log.close()));
    }
  });
});
