import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeFetch, settled } from "../../test/fake-fetch.ts";
import {
  MemoryStorage,
  RacingSetUp,
  typesOf,
  welcome,
  type RacingOptions,
} from "../../test/racing-set-up.ts";
import { WELCOME } from "../../test/set-up.ts";

const EPOCH = "e1";
const REFUSED = { type: "error", to: "hello", code: "forbidden", message: "Not in this way." };

function subscribed(after: number, head: number): object {
  return { type: "subscribed", room: "a", epoch: EPOCH, after, head, earliest: 1, lost: null, skipped: null };
}

function messages(after: number, ...offsets: readonly number[]): object {
  const made = offsets.map((offset) => {
    return { offset, from: "someone", producer: "producer-2", seq: offset, at: offset, body: `m${offset}` };
  });
  return { type: "messages", room: "a", after, messages: made };
}

/** A page's client at its first connection, with what it was told. */
function visit(options: RacingOptions = {}) {
  const quick = new FakeFetch();
  const loads: (() => void)[] = [];
  const load = (): Promise<void> => new Promise((resolve) => void loads.push(resolve));
  const setUp = new RacingSetUp({ ...options, quick, load });
  const heard: unknown[] = [];
  setUp.client.room("a").on("messages", (batch) => heard.push(...batch.map(({ body }) => body)));
  setUp.start();
  return { setUp, quick, loads, heard };
}

describe("the first connection of a page", () => {
  test("[RACE-13] where the WebSocket fails a poll brings the rooms, and who wins the race takes over", async () => {
    const { setUp, quick, loads, heard } = visit();
    setUp.client.room("b").subscribe({ last: 1 });
    setUp.websocket.last.close();
    await settled();
    const poll = quick.to("connect/poll?wait=0");
    assert.deepEqual(poll.types, ["hello", "subscribe", "subscribe"]);
    poll.lines(WELCOME, subscribed(0, 2), messages(0, 1, 2));
    await settled();
    assert.deepEqual([heard, setUp.stands], [["m1", "m2"], "poll"]);
    assert.equal(loads.length, 1);

    loads[0]?.();
    await settled();
    setUp.stream.last.open();
    assert.partialDeepStrictEqual(setUp.stream.last.take()[1], { room: "a", epoch: EPOCH, after: 2 });
    setUp.stream.last.say(WELCOME, subscribed(2, 3), messages(2, 3));
    assert.deepEqual([heard, setUp.stands], [["m1", "m2", "m3"], "stream"]);
    assert.deepEqual(
      setUp.states.map(({ kind }) => kind),
      ["connecting", "open", "open"],
    );
  });

  test("[RACE-13] a WebSocket that is opened and not welcomed for as long as its opening took is polled beside", async () => {
    const { setUp, quick, loads, heard } = visit();
    await setUp.clock.advanceAsync(30);
    setUp.websocket.last.open();
    await setUp.clock.advanceAsync(29);
    assert.equal(quick.requests.length, 0);
    await setUp.clock.advanceAsync(1);
    quick.to("poll").lines(WELCOME, subscribed(0, 1), messages(0, 1));
    await settled();
    assert.deepEqual([heard, setUp.stands, loads.length], [["m1"], "poll", 0]);

    setUp.websocket.last.take();
    setUp.websocket.last.say(WELCOME);
    // It was asked for the newest ten before they had come; from where it stands now it is asked again.
    assert.partialDeepStrictEqual(setUp.websocket.last.take()[0], { room: "a", after: 1 });
    setUp.websocket.last.say(subscribed(0, 2), messages(0, 1, 2), subscribed(1, 2), messages(1, 2));
    assert.deepEqual([heard, setUp.stands], [["m1", "m2"], "websocket"]);
  });

  test("[RACE-13] one whose opening was taken in the request for it is waited for a quarter of that", async () => {
    const { setUp, quick } = visit();
    await setUp.clock.advanceAsync(40);
    setUp.websocket.last.openEarly();
    await setUp.clock.advanceAsync(9);
    assert.equal(quick.requests.length, 0);
    await setUp.clock.advanceAsync(1);
    quick.to("poll").lines(WELCOME, subscribed(0, 1), messages(0, 1));
    await settled();
    assert.equal(setUp.stands, "poll");
  });

  test("[RACE-13] after a visit of which the poll is all that was answered the next begins with one; a welcome undoes that", async () => {
    const storage = new MemoryStorage();
    const first = visit({ storage });
    first.setUp.websocket.last.open();
    await first.setUp.clock.advanceAsync(4);
    first.quick.to("poll").lines(WELCOME, subscribed(0, 0));
    await settled();
    first.setUp.client.close();

    const second = visit({ storage });
    await settled();
    assert.equal(second.quick.requests.length, 1, "at once");
    second.setUp.websocket.last.open();
    second.setUp.websocket.last.say(WELCOME);
    second.setUp.client.close();

    const third = visit({ storage });
    await settled();
    assert.equal(third.quick.requests.length, 0);
  });

  test("[RACE-13] where the WebSocket is welcomed in time nobody polls, and at later connections neither", async () => {
    const { setUp, quick, loads } = visit();
    await setUp.clock.advanceAsync(30);
    setUp.websocket.last.open();
    await setUp.clock.advanceAsync(29);
    setUp.websocket.last.say(WELCOME);
    await setUp.clock.advanceAsync(20_000);
    setUp.websocket.last.say({ type: "ping" });
    setUp.websocket.last.close();
    setUp.comeBack();
    setUp.websocket.last.close();
    await settled();
    assert.deepEqual([quick.requests.length, loads.length], [0, 1]);
  });

  test("[RACE-13] a welcome that comes while the poll is under way stops it", async () => {
    const { setUp, quick, heard } = visit();
    await setUp.clock.advanceAsync(10);
    setUp.websocket.last.open();
    await setUp.clock.advanceAsync(10);
    setUp.websocket.last.say(WELCOME, subscribed(0, 1), messages(0, 1));
    await settled();
    assert.equal(quick.to("poll").isAborted, true);
    assert.deepEqual([heard, setUp.stands], [["m1"], "websocket"]);
  });

  test("[REQUEST-16] what is asked before the take-over goes out behind it, once, and gets its answer", async () => {
    const { setUp, quick, loads } = visit();
    setUp.websocket.last.close();
    await settled();
    quick.to("poll").lines(WELCOME);
    await settled();
    assert.equal(setUp.stands, "poll");
    const answer = setUp.client.request("rename", "Ada");
    await import("../requests.ts");
    await settled();
    loads[0]?.();
    await settled();
    setUp.stream.last.open();
    setUp.stream.last.take();
    setUp.stream.last.say(WELCOME);
    assert.deepEqual(
      setUp.stream.last.take().filter(({ type }) => type === "request"),
      [{ type: "request", id: 1, method: "rename", params: "Ada" }],
    );
    setUp.stream.last.say({ type: "reply", id: 1, result: "done" });
    assert.equal(await answer, "done");
  });

  test("[RACE-13] what is published before the take-over goes out behind it, once", async () => {
    const { setUp, quick } = visit();
    setUp.websocket.last.open();
    await setUp.clock.advanceAsync(4);
    quick.to("poll").lines(WELCOME, subscribed(0, 0));
    await settled();
    setUp.websocket.last.take();
    const published = setUp.client.room("a").publish("hi");
    assert.deepEqual(setUp.websocket.last.take(), []);
    setUp.websocket.last.say(WELCOME);
    assert.deepEqual(typesOf(setUp.websocket.last.take()), ["subscribe", "publish"]);
    setUp.websocket.last.say({ type: "ack", room: "a", seq: 1, offset: 1 });
    assert.equal((await published).offset, 1);
  });

  test("[RACE-13] where something else won the last time the poll begins at once", async () => {
    const storage = new MemoryStorage();
    storage.write("http://parlor.test", "stream 20");
    const { setUp, quick } = visit({ storage });
    await settled();
    quick.to("poll").lines(WELCOME, subscribed(0, 1), messages(0, 1));
    await settled();
    assert.equal(setUp.stands, "poll");
  });

  for (const [what, answer] of [
    ["fails", (far: FakeFetch) => far.to("poll").fail()],
    ["is refused", (far: FakeFetch) => far.to("poll").head("application/json", 503).write("{}").end()],
    ["is answered without a welcome", (far: FakeFetch) => far.to("poll").lines(REFUSED)],
    ["is answered with a page", (far: FakeFetch) => far.to("poll").head("text/html").write("<p>Pay").end()],
  ] as const) {
    test(`[RACE-13] a poll that ${what} tells nothing, and the race begins`, async () => {
      const { setUp, quick, loads } = visit();
      setUp.websocket.last.close();
      await settled();
      assert.equal(loads.length, 0);
      answer(quick);
      await settled();
      await settled();
      assert.deepEqual([setUp.stands, loads.length], ["connecting", 1]);
      loads[0]?.();
      await settled();
      welcome(setUp.stream.last);
      assert.equal(setUp.stands, "stream");
    });
  }

  test("[RACE-13] the race waits 50 ms at most for a poll", async () => {
    const { setUp, loads } = visit();
    setUp.websocket.last.close();
    await setUp.clock.advanceAsync(49);
    assert.equal(loads.length, 0);
    await setUp.clock.advanceAsync(1);
    assert.equal(loads.length, 1);
  });

  test("[RACE-7] `close` stops the poll, and leaves no timer", async () => {
    const { setUp, quick } = visit();
    setUp.websocket.last.open();
    await setUp.clock.advanceAsync(4);
    setUp.client.close();
    assert.equal(quick.to("poll").isAborted, true);
    assert.equal(setUp.clock.nextInMs, null);
    await settled();
    assert.equal(setUp.stands, "closed");
  });
});
