import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { messages, SetUp, subscribed } from "../test/set-up.ts";

describe("listeners", () => {
  test("[CLIENT-31] one that publishes or subscribes finds the client whole, and others hear events in order", () => {
    const setUp = new SetUp();
    const room = setUp.client.room("a");
    const heard: unknown[] = [];
    room.on("messages", (all) => {
      if (all[0]?.offset !== 1) return;
      room.publish("an answer").catch(() => undefined);
      heard.push(["sent", room.outbox.length]);
    });
    room.on("messages", (all) => heard.push(all.map(({ offset }) => offset)));
    room.on("outbox", () => heard.push(["outbox", room.outbox.map(({ state }) => state)]));
    room.subscribe();
    setUp.welcome();
    heard.length = 0;
    setUp.far.say(subscribed("a", 0), messages("a", 0, 1), messages("a", 1, 2));
    assert.deepEqual(heard, [["sent", 1], [1], ["outbox", ["sent"]], ["outbox", ["sent"]], [2]]);
  });

  test("[CLIENT-31] close within a listener is the end of it", () => {
    const setUp = new SetUp();
    const room = setUp.client.room("a");
    room.subscribe();
    setUp.welcome();
    room.on("messages", () => setUp.client.close());
    setUp.far.say(subscribed("a", 0), messages("a", 0, 1), messages("a", 1, 2));
    assert.equal(setUp.client.state.kind, "closed");
    assert.equal(setUp.clock.pendingCount, 0);
  });
});

describe("the events of the page", () => {
  test("[CLIENT-16] they are heard from the first try on, also where there is no token for it", async () => {
    const setUp = new SetUp({ token: () => Promise.reject(new Error("signed out")) });
    assert.equal(setUp.listening, 0);
    setUp.client.room("a").subscribe();
    while (setUp.client.state.kind !== "waiting") await setUp.clock.advanceAsync(0);
    assert.equal(setUp.listening, 1);
    setUp.wake();
    assert.equal(setUp.client.state.kind, "connecting");
    setUp.client.close();
    assert.equal(setUp.listening, 0);
  });
});
