import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { connect } from "@nats-io/transport-node";
import { NatsCluster, until } from "@parlor/testkit";
import { packPart } from "./bus-parts.ts";
import { MAX_BUS_WAITING_BYTES, NatsBus } from "./nats-bus.ts";

const PATIENCE_MS = 15_000;

async function pair(t: TestContext): Promise<{ cluster: NatsCluster; near: NatsBus; far: NatsBus }> {
  const cluster = await NatsCluster.start();
  t.after(() => cluster.stop());
  const ends: NatsBus[] = [];
  for (let i = 0; i < 2; i++) {
    const connection = await connect({
      servers: cluster.url.slice("nats://".length),
      maxReconnectAttempts: -1,
      reconnectTimeWait: 50,
    });
    t.after(() => connection.close());
    ends.push(new NatsBus({ connection }));
  }
  const [near, far] = ends as [NatsBus, NatsBus];
  return { cluster, near, far };
}

describe("NatsBus over servers that fail", () => {
  test("[BUS-8] what is sent while no server can be reached is dropped and counted, and both ends go on when one is back", async (t) => {
    const { cluster, near, far } = await pair(t);
    const heard: string[] = [];
    await far.listen("signals/lobby", (text) => heard.push(text));
    await cluster.kill(0);
    assert.ok(
      await until(() => {
        near.send("signals/lobby", "lost");
        return near.dropped > 0;
      }, PATIENCE_MS),
    );
    await cluster.restart(0);
    assert.ok(
      await until(() => {
        near.send("signals/lobby", "back");
        return heard.includes("back");
      }, PATIENCE_MS),
    );
    assert.ok(!heard.includes("lost"));
  });

  test("[BUS-9] a server that takes nothing makes nobody wait: the bus drops what it would add to a mebibyte", async (t) => {
    const { cluster, near, far } = await pair(t);
    const heard: string[] = [];
    await far.listen("signals/lobby", (text) => heard.push(text));
    await cluster.pause(0);
    const text = "x".repeat(65_536);
    const most = MAX_BUS_WAITING_BYTES / text.length;
    for (let sent = 0; sent < 10 * most; sent++) near.send("signals/lobby", text);
    assert.ok(near.dropped >= 9 * most - 1, `${near.dropped} were dropped`);
    cluster.resume(0);
    assert.ok(
      await until(() => {
        near.send("signals/lobby", "on");
        return heard.includes("on");
      }, PATIENCE_MS),
    );
  });

  test("[BUS-10] a text of megabytes arrives whole, and one that lost a part does not arrive", async (t) => {
    const { cluster, near, far } = await pair(t);
    const heard: string[] = [];
    await far.listen("signals/lobby", (text) => heard.push(text));
    const large = "🎈ä".repeat(500_000);
    near.send("signals/lobby", large);
    assert.ok(await until(() => heard.length === 1, PATIENCE_MS));
    assert.ok(heard[0] === large);

    const stranger = await connect({ servers: cluster.url.slice("nats://".length) });
    t.after(() => stranger.close());
    const subject = `parlor.bus.c${Buffer.from("signals/lobby").toString("base64url")}`;
    const part = { sender: "stranger", text: 1, count: 3, bytes: Buffer.from("part") };
    stranger.publish(subject, packPart({ ...part, index: 0 }));
    stranger.publish(subject, packPart({ ...part, index: 2 }));
    stranger.publish(subject, "no part at all");
    stranger.publish(
      subject,
      packPart({ ...part, text: 2, index: 0, count: 1, bytes: Buffer.from("whole") }),
    );
    assert.ok(await until(() => heard.length === 2, PATIENCE_MS));
    assert.equal(heard[1], "whole");
  });
});
