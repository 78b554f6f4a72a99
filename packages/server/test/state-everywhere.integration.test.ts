import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ServerFrame, StateFrame } from "@parlor/protocol";
import { FakeClock } from "@parlor/testkit";
import {
  answerFrames,
  exchange,
  helloFrame,
  messagesIn,
  postFrames,
  StreamReader,
  typesOf,
} from "./support/exchange.ts";
import { startParlor } from "./support/parlor-server.ts";
import { read, set, View } from "./support/state-view.ts";

function states(frames: readonly ServerFrame[]): StateFrame[] {
  return frames.filter((frame) => frame.type === "state");
}

describe("state without a WebSocket", () => {
  test("[STATE-10] a stream tells it as a WebSocket does, and changes go up by themselves", async (t) => {
    const { origin } = await startParlor(t);
    const stream = await StreamReader.open(t, origin, [helloFrame(), read("prices")]);
    await stream.next("welcome");
    await stream.next("subscribed");
    assert.deepEqual((await stream.next("state")).entries, {});
    const answers = await exchange(
      origin,
      "send",
      helloFrame(),
      set("a", 1),
      set("b", 2, { id: 5 }),
      set("c", 3),
    );
    assert.deepEqual(typesOf(answers), ["reply"]);
    const view = new View();
    while (view.entries.size < 3) view.take(await stream.next("state"));
    assert.deepEqual(view.object, { a: 1, b: 2, c: 3 });
  });

  test("[STATE-10] a poll begins with it, does not end for it, and ends at the first change", async (t) => {
    const { origin, parlor } = await startParlor(t);
    await parlor.room("prices").set("a", 1);
    const [, first] = await exchange(origin, "poll?wait=0", helloFrame(), read("prices"));
    assert.ok(first?.type === "state");
    assert.deepEqual([first.full, first.entries], [true, { a: 1 }]);

    const waiting = postFrames(`${origin}/connect/poll?wait=25`, [
      helloFrame(),
      read("prices", first.version),
    ]);
    const other = postFrames(`${origin}/connect/poll?wait=25`, [helloFrame(), read("prices")]);
    const look = async (): Promise<boolean> =>
      /connections\{transport="poll"\} 2\n/.test(await (await fetch(`${origin}/metrics`)).text());
    while (!(await look()));
    await parlor.room("prices").set("a", 2);
    for (const answer of [waiting, other]) {
      const told = states(await answerFrames(await answer));
      assert.deepEqual(told.at(-1)?.entries, { a: 2 });
    }
    const missed = await exchange(origin, "poll?wait=25", helloFrame(), read("prices", first.version));
    assert.deepEqual(
      states(missed).map(({ entries }) => entries),
      [{ a: 2 }],
      "at once, as it is news",
    );
    assert.equal(first.more, false);
  });

  test("[STATE-10] a state that changes all the time ends a poll a fifth of a second later, with the newest of it; a message at once", async (t) => {
    const clock = new FakeClock();
    const { origin, parlor } = await startParlor(t, { clock });
    const room = parlor.room("prices");
    await room.set("a", 1);
    await room.publish("before");
    const [subscribed, first] = await exchange(origin, "poll?wait=0", helloFrame(), read("prices"));
    assert.ok(subscribed?.type === "subscribed" && first?.type === "state");
    const { epoch, head } = subscribed;
    const poll = async (): Promise<Promise<ServerFrame[]>[]> => {
      const from = { ...read("prices", first.version), epoch, after: head };
      const answer = postFrames(`${origin}/connect/poll?wait=25`, [helloFrame(), from]).then(answerFrames);
      const look = async (): Promise<boolean> =>
        /connections\{transport="poll"\} 1\n/.test(await (await fetch(`${origin}/metrics`)).text());
      while (!(await look()));
      return [answer];
    };

    const [held] = await poll();
    for (let value = 2; value <= 6; value += 1) await room.set("a", value);
    await room.set("b", 1);
    await clock.advanceAsync(200);
    assert.deepEqual(
      states((await held) ?? []).map(({ entries }) => entries),
      [{ a: 6, b: 1 }],
    );

    const [ended] = await poll();
    await room.publish("now");
    const told = (await ended) ?? [];
    assert.deepEqual(
      messagesIn(told).map(({ body }) => body),
      ["now"],
    );
    assert.deepEqual(
      states(told).map(({ entries }) => entries),
      [{ a: 6, b: 1 }],
    );
  });

  test("[STATE-10] a poll takes a whole state, larger than its answer is meant to be", async (t) => {
    const { origin, parlor } = await startParlor(t);
    for (let i = 0; i < 17; i++) await parlor.room("prices").set(`k${i}`, "x".repeat(60_000));
    const view = new View();
    for (const frame of states(await exchange(origin, "poll?wait=0", helloFrame(), read("prices"))))
      view.take(frame);
    assert.equal(view.entries.size, 17);
  });
});
