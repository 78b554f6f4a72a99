import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "@parlor/testkit";
import { ClusterStatus } from "./cluster-status.ts";
import { StreamLeaders } from "./stream-leaders.ts";

describe("streams and who leads them", () => {
  test("[CLUSTER-10] within two seconds the status says which stream lost its leader, and by itself that it has one", async () => {
    const clock = new FakeClock();
    const status = new ClusterStatus();
    const silent = new Set<string>();
    const leaders = new StreamLeaders({
      streams: ["rooms_0", "rooms_1"],
      ask: async (stream) => {
        if (silent.has(stream)) throw new Error("no responders");
      },
      clock,
      onChange: (stream, isLed) => status.setLed(stream, isLed),
    });
    await clock.advanceAsync(10_000);
    assert.equal(status.status.kind, "ready");
    silent.add("rooms_1");
    await clock.advanceAsync(2_000);
    assert.deepEqual(status.status, {
      kind: "unreachable",
      message: "the stream rooms_1 has no leader in the NATS cluster",
    });
    silent.clear();
    await clock.advanceAsync(1_000);
    assert.equal(status.status.kind, "ready");
    leaders.close();
    silent.add("rooms_1");
    await clock.advanceAsync(10_000);
    assert.equal(status.status.kind, "ready");
  });

  test("[CLUSTER-10] what is unavailable for several reasons is ready when none is left", () => {
    const status = new ClusterStatus();
    const told: string[] = [];
    status.listen(({ kind }) => told.push(kind));
    status.setLed("a", false);
    status.setConnected(false);
    status.setFull("full");
    status.setLed("a", true);
    status.setConnected(true);
    assert.equal(status.status.kind, "full");
    status.setFull(null);
    assert.deepEqual(told, ["unreachable", "full", "ready"]);
  });
});
