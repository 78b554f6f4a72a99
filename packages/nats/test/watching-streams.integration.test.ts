import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { TailEvent } from "@parlor/log";
import { openNatsLog } from "@parlor/nats";
import { appendOf, FakeClock, fill, NatsCluster, until } from "@parlor/testkit";

describe("a node that watches its streams", { timeout: 120_000 }, () => {
  test("[NATS-12] what the broker told a node of and it did not hear, it finds by itself", async () => {
    // Whoever comes as "deaf" is told of no record.
    const users = `{ user: deaf, password: a, permissions: { subscribe: { deny: "quiet.r.>" } } }, { user: ada, password: b }`;
    await using cluster = await NatsCluster.start({ more: `authorization { users: [${users}] }` });
    const urlFor = (user: string): string => cluster.url.replace("nats://", `nats://${user}@`);
    const clock = new FakeClock();
    const [name, shards] = ["quiet", 1];
    const writing = await openNatsLog({ url: urlFor("ada:b"), name, shards });
    const deaf = await openNatsLog({ url: urlFor("deaf:a"), name, shards, clock, handsOn: false });
    const told: TailEvent[] = [];
    try {
      await fill(writing, "lobby", 3);
      for (let i = 0; i < 20; i++) await deaf.tail(`room ${i}`, () => undefined);
      await deaf.tail("lobby", (event) => told.push(event));
      await clock.advanceAsync(20_000);
      await writing.append(appendOf("lobby", 4));
      assert.equal((await deaf.head("lobby")).head, 3, "it did not hear of it");
      let questions = 0;
      const { connection } = writing;
      connection.subscribe("$JS.API.STREAM.MSG.GET.quiet_0", { callback: () => void (questions += 1) });
      await connection.flush();
      const looks = async (): Promise<boolean> => {
        await clock.advanceAsync(2_500);
        return (await deaf.head("lobby")).head === 4;
      };
      assert.ok(await until(looks, 30_000));
      assert.equal(told.length, 1);
      await connection.flush();
      assert.ok(questions < 10, `of 21 rooms one was asked for, with ${questions} questions`);
    } finally {
      await Promise.all([deaf.close(), writing.close()]);
    }
  });

  test("[CLUSTER-10] a stream that loses its leader makes the log unavailable, and with a new one it is ready again", async () => {
    await using cluster = await NatsCluster.start({ servers: 3 });
    const url = cluster.url;
    const first = await openNatsLog({ url, name: "led", shards: 1 });
    const leader = await cluster.leaderOf("led_0");
    assert.ok(leader !== undefined);
    // At a server that goes on.
    const log = await openNatsLog({ url: cluster.urlOf((leader + 1) % 3), name: "led" });
    const told: string[] = [];
    try {
      await log.append(appendOf("lobby", 1));
      assert.ok(await until(() => log.status.kind === "ready", 30_000));
      log.onStatus((status) => told.push(status.kind === "unreachable" ? status.message : status.kind));
      await cluster.pause(leader);
      assert.ok(await until(() => told.length >= 1, 20_000));
      assert.match(told[0] ?? "", /led_(0|side) has no leader/);
      assert.ok(await until(() => log.status.kind === "ready", 60_000), told.join());
      const appends = async (): Promise<boolean> => {
        const done = await log.append(appendOf("lobby", 2)).catch(() => null);
        return done?.kind === "appended" || done?.kind === "duplicate";
      };
      assert.ok(await until(appends, 20_000));
    } finally {
      cluster.resume(leader);
      await Promise.all([first.close(), log.close()]);
    }
  });
});
