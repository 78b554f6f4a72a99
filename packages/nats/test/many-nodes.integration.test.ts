import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { StoredMessage } from "@parlor/log";
import { NatsCluster, until } from "@parlor/testkit";
import { type NatsLog, openNatsLog } from "@parlor/nats";
import { assertKept, publishUntil } from "./writers.ts";

describe("several nodes on one cluster", { timeout: 120_000 }, () => {
  let cluster: NatsCluster;
  let logs: NatsLog[];
  before(async () => {
    cluster = await NatsCluster.start({ servers: 3 });
    logs = [];
    for (let i = 0; i < 3; i++) {
      // Each writes itself, so that they get in each other's way.
      logs.push(await openNatsLog({ url: cluster.url, name: "many", shards: 1, handsOn: false }));
    }
  });
  after(async () => {
    await Promise.all(logs.map((log) => log.close()));
    await cluster.stop();
  });

  test("[NATS-2] nodes that append to one room at once lose nothing, double nothing, and agree on the order", async () => {
    const heard = logs.map(() => [] as string[]);
    const tails = await Promise.all(
      logs.map((log, i) =>
        log.tail("race", (event) => {
          if (event.kind !== "messages") return;
          for (const { bodyJson } of event.messages as StoredMessage[]) heard[i]?.push(bodyJson ?? "");
        }),
      ),
    );
    const writers = logs.flatMap((log, i) =>
      [0, 1].map((j) => publishUntil(log, "race", `writer${i}${j}`, (acked) => acked.length >= 40)),
    );
    const acked = (await Promise.all(writers)).flat();
    const orders = await Promise.all(logs.map((log) => assertKept(log, "race", acked)));
    assert.equal(orders[0]?.length, 240);
    for (const [i, order] of orders.entries()) {
      assert.deepEqual(order, orders[0]);
      assert.ok(
        await until(() => heard[i]?.length === 240, 10_000),
        `node ${i} was told of ${heard[i]?.length}`,
      );
      assert.deepEqual(heard[i], order);
    }
    for (const tail of tails) tail.close();
  });

  test("[NATS-5] the stream's leader is killed in the middle of it: nothing is lost or doubled, and all agree", async () => {
    let isKilled = false;
    let ackedSince = 0;
    const enough = (): boolean => {
      if (isKilled) ackedSince += 1;
      return ackedSince > 120;
    };
    const writers = logs.map((log, i) => publishUntil(log, "failover", `writer${i}`, enough));
    // Of the node that came last, too: the others write all the while.
    const heads = async (): Promise<number[]> =>
      Promise.all(logs.map(async (log) => (await log.head("failover")).head));
    assert.ok(await until(async () => !(await heads()).includes(0), 5_000));
    const leader = await cluster.leaderOf("many_0");
    assert.ok(leader !== undefined);
    await cluster.kill(leader);
    isKilled = true;
    const acked = (await Promise.all(writers)).flat();
    await cluster.restart(leader);
    const late = await openNatsLog({ url: cluster.url, name: "many" });
    try {
      const orders = await Promise.all([...logs, late].map((log) => assertKept(log, "failover", acked)));
      for (const order of orders) assert.deepEqual(order, orders[0]);
    } finally {
      await late.close();
    }
  });
});
