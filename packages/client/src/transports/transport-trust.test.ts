import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { transportTrust } from "./transport-trust.ts";

const ALL = ["websocket", "stream", "poll"] as const;

describe("transportTrust", () => {
  test("[RACE-3] who won last comes first, the others as they are preferred", () => {
    const trust = transportTrust();
    assert.deepEqual(trust.order(ALL, "", 0), ALL);
    assert.deepEqual(trust.order(ALL, "poll", 0), ["poll", "websocket", "stream"]);
    assert.deepEqual(trust.order(ALL, "pigeon", 0), ALL);
  });

  test("[RACE-8] who is distrusted comes last, for a minute, and for longer each time", () => {
    const trust = transportTrust();
    trust.distrust("websocket", 0);
    assert.deepEqual(trust.order(ALL, "websocket", 59_999), ["stream", "poll", "websocket"]);
    assert.deepEqual(trust.order(ALL, "websocket", 60_000), ALL);
    trust.distrust("websocket", 60_000);
    assert.equal(trust.isDistrusted("websocket", 179_999), true);
    assert.equal(trust.isDistrusted("websocket", 180_000), false);
    trust.distrust("websocket", 10_000_000);
    assert.equal(trust.isDistrusted("websocket", 10_060_000), false);
  });

  test("[RACE-8] two short lives in a row are distrusted, one with a longer between them is not", () => {
    const trust = transportTrust();
    for (const livedMs of [100, 5_000, 100]) trust.broke("websocket", 0, livedMs);
    assert.equal(trust.isDistrusted("websocket", 1), false);
    trust.broke("websocket", 0, 4_999);
    assert.equal(trust.isDistrusted("websocket", 1), true);
    assert.equal(trust.isDistrusted("stream", 1), false);
  });
});
