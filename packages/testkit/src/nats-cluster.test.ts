import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { NatsCluster } from "./nats-cluster.ts";
import { until } from "./patience.ts";

/** Whether a server greets who connects. */
async function greets(url: string): Promise<boolean> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once("data", (chunk) => resolve(String(chunk).startsWith("INFO")));
      socket.once("error", () => resolve(false));
      socket.setTimeout(500, () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}

/** One that runs may be slow on a busy machine. */
function greetsInTime(url: string): Promise<boolean> {
  return until(() => greets(url), 10_000);
}

describe("a cluster of nats-servers", { timeout: 60_000 }, () => {
  test("three of them know each other; one is killed, stopped and started again by its index", async () => {
    await using cluster = await NatsCluster.start({ servers: 3 });
    assert.equal(cluster.url.split(",").length, 3);
    assert.ok(await greetsInTime(cluster.urlOf(1)));
    const routesOf = async (index: number): Promise<number> => {
      const answer = await fetch(`${cluster.monitorOf(index)}/varz`);
      return ((await answer.json()) as { routes: number }).routes;
    };
    assert.ok(await until(async () => (await routesOf(0)) >= 2, 5_000));
    await cluster.kill(1);
    assert.equal(await greets(cluster.urlOf(1)), false);
    await cluster.restart(1);
    assert.ok(await greetsInTime(cluster.urlOf(1)));
    await cluster.pause(2);
    assert.equal(await greets(cluster.urlOf(2)), false);
    cluster.resume(2);
    assert.ok(await greetsInTime(cluster.urlOf(2)));
  });

  test("one alone leaves nothing behind", async () => {
    const cluster = await NatsCluster.start();
    const folder = cluster.dataFolderOf(0);
    assert.ok(existsSync(folder));
    await cluster.stop();
    await cluster.stop();
    assert.equal(existsSync(folder), false);
    assert.equal(await greets(cluster.urlOf(0)), false);
  });
});
