import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SetUp, subscribed } from "../test/set-up.ts";

const HEARTBEAT_MS = 25_000;
const DAY_MS = 86_400_000;

/** A client that is connected and has taken 7 messages of a room. */
function connected(): SetUp {
  const setUp = new SetUp();
  setUp.client.room("a").subscribe({ last: 0 });
  setUp.welcome();
  setUp.far.say(subscribed("a", 7));
  setUp.far.take();
  return setUp;
}

/** Lets time pass in small steps, as a machine that is awake sees it. */
function pass(setUp: SetUp, ms: number): void {
  for (let left = ms; left > 0; left -= 500) setUp.clock.advance(Math.min(left, 500));
}

describe("a page in the back/forward cache", () => {
  test("[SLEEP-2] it has no connection there, and tries again at nothing but its return", () => {
    const setUp = connected();
    setUp.away();
    assert.equal(setUp.far.isClosedByClient, true);
    assert.equal(setUp.client.state.kind, "waiting");
    pass(setUp, 60_000);
    assert.equal(setUp.transport.connections.length, 1);
    setUp.wake();
    assert.equal(setUp.transport.connections.length, 2, "at once");
    const [, asked] = setUp.welcome();
    assert.deepEqual([asked?.["epoch"], asked?.["after"]], ["e1", 7], "and goes on behind its cursor");
  });

  test("[SLEEP-2] one that leaves while the server says when to come back does not stay away for ever", () => {
    const setUp = connected();
    setUp.far.say({ type: "bye", code: "draining", retryAfterMs: 2_000 });
    setUp.away();
    setUp.wake();
    assert.equal(setUp.client.state.kind, "connecting");
  });

  test("[SLEEP-2] a try that was under way is given up, a wait is left as it is", () => {
    const setUp = new SetUp();
    setUp.away();
    setUp.client.room("a").subscribe();
    setUp.away();
    assert.equal(setUp.far.isClosedByClient, true);
    assert.equal(setUp.client.state.kind, "waiting");
    setUp.away();
    setUp.wake();
    assert.equal(setUp.transport.connections.length, 2);
  });
});

describe("a machine that slept", () => {
  test("[SLEEP-3] it is found out within half a heartbeat, though no event tells of it and the clock stood still", () => {
    const setUp = connected();
    pass(setUp, 2_000);
    setUp.clock.setWall(setUp.clock.now() + 3_600_000);
    pass(setUp, HEARTBEAT_MS / 2);
    assert.deepEqual(setUp.far.take(), [{ type: "ping" }]);
    pass(setUp, 5_000);
    assert.equal(setUp.client.state.kind, "connecting", "nobody answered");
  });

  test("[SLEEP-4] a page whose clock is set back a day asks, and goes on with a connection that lives", () => {
    const setUp = connected();
    setUp.clock.setWall(setUp.clock.now() - DAY_MS);
    pass(setUp, HEARTBEAT_MS / 2);
    assert.deepEqual(setUp.far.take(), [{ type: "ping" }]);
    setUp.far.say({ type: "pong" });
    pass(setUp, HEARTBEAT_MS);
    assert.deepEqual(setUp.far.take(), []);
    assert.equal(setUp.client.state.kind, "open");
    setUp.far.close();
    setUp.comeBack();
    assert.equal(setUp.client.state.kind, "connecting", "no wait is a day long");
  });

  test("[SLEEP-3] one that is awake asks nothing", () => {
    const setUp = connected();
    pass(setUp, 2 * HEARTBEAT_MS - 1_000);
    assert.deepEqual(setUp.far.take(), []);
  });
});

describe("a page that nobody sees", () => {
  test("[SLEEP-5] it asks a dead server less and less, down to one try in minutes", () => {
    const setUp = connected();
    setUp.isHidden = true;
    const waits: number[] = [];
    for (let n = 0; n < 14; n++) {
      setUp.far.close();
      if (setUp.client.state.kind === "waiting") waits.push(setUp.client.state.retryInMs);
      setUp.comeBack();
    }
    assert.deepEqual(waits.slice(0, 6), [250, 500, 1_000, 2_000, 4_000, 8_000], "the first as any page");
    assert.deepEqual(waits.slice(-3), [150_000, 150_000, 150_000]);
  });

  test("[SLEEP-5] who comes back to it waits for nothing", () => {
    const setUp = connected();
    setUp.isHidden = true;
    for (let n = 0; n < 12; n++) {
      setUp.far.close();
      setUp.comeBack();
    }
    setUp.far.close();
    setUp.isHidden = false;
    setUp.wake();
    assert.equal(setUp.client.state.kind, "connecting");
  });
});
