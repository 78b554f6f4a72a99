import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock, Heard } from "@parlor/testkit";
import { FakeFetch, settled } from "../../test/fake-fetch.ts";
import { HELLO, send } from "../../test/hello.ts";
import { messages, subscribed, WELCOME } from "../../test/set-up.ts";
import { allLanes } from "./all-lanes.ts";
import { pollTransport } from "./poll-transport.ts";

const json = (...frames: readonly object[]): string[] => frames.map((frame) => JSON.stringify(frame));

function open() {
  const clock = new FakeClock();
  const far = new FakeFetch();
  const heard = new Heard([HELLO, { type: "subscribe", room: "a" }]);
  const connection = pollTransport({ base: "http://h/", fetch: far.fetch, clock }, allLanes).open(heard);
  return { clock, far, heard, connection };
}

/** A connection whose first poll was answered, and whose second waits. */
async function waiting(over: object = {}) {
  const all = open();
  await settled();
  all.far.to("poll").lines({ ...WELCOME, ...over }, subscribed("a", 0));
  await settled();
  all.heard.all.length = 0;
  return all;
}

function waitOf({ url }: { readonly url: string }): number {
  return Number(new URL(url).searchParams.get("wait"));
}

describe("pollTransport", () => {
  test("[TRANSPORT-30] the first poll does not wait, the next ones do, each from the cursors of its moment", async () => {
    const { far, heard } = open();
    await settled();
    assert.equal(far.to("poll").url, "http://h/connect/poll?wait=0");
    assert.deepEqual(far.to("poll").types, ["hello", "subscribe"]);
    far.to("poll").lines(WELCOME, subscribed("a", 0), messages("a", 0, 1));
    heard.frames = json(HELLO, { type: "subscribe", room: "a", after: 1 });
    await settled();
    assert.deepEqual(heard.texts, json(WELCOME, subscribed("a", 0), messages("a", 0, 1)));
    assert.equal(far.to("poll").url, "http://h/connect/poll?wait=25");
    assert.deepEqual(far.to("poll").frames.at(-1), { type: "subscribe", room: "a", after: 1 });
    far.to("poll").lines(WELCOME, subscribed("a", 1), messages("a", 1, 2));
    await settled();
    assert.deepEqual(heard.texts.slice(3), json(subscribed("a", 1), messages("a", 1, 2)));
    assert.equal(far.requests.length, 3);
  });

  test("[TRANSPORT-31] an empty poll is life, and the next one follows", async () => {
    const { far, heard, clock } = await waiting();
    await clock.advanceAsync(25_000);
    far.to("poll").head("application/x-ndjson").end();
    await settled();
    assert.deepEqual(heard.all, ["life"]);
    assert.equal(far.requests.length, 3);
  });

  test("[TRANSPORT-31] a wait is no longer than a heartbeat", async () => {
    const { far } = await waiting({ heartbeatMs: 4_500 });
    assert.equal(waitOf(far.to("poll")), 4);
  });

  test("[TRANSPORT-32] other rooms or a doubt stop the waiting poll and begin one that does not wait; several in one turn are one", async () => {
    const { far, heard, connection } = await waiting();
    const old = far.to("poll");
    send(connection, { type: "ping" }, { type: "subscribe", room: "b" });
    heard.frames = json(HELLO, { type: "subscribe", room: "b" });
    await settled();
    assert.deepEqual([far.requests.length, old.isAborted, waitOf(far.to("poll"))], [3, true, 0]);
    assert.deepEqual(far.to("poll").frames.at(-1), { type: "subscribe", room: "b" });
    far.to("poll").lines(WELCOME, subscribed("b", 0));
    await settled();
    assert.deepEqual(heard.all, ["life", JSON.stringify(subscribed("b", 0)), "life"]);
    assert.deepEqual([far.requests.length, waitOf(far.to("poll"))], [4, 25]);
  });

  test("[TRANSPORT-33] waiting polls that come back at once with nothing are followed by pauses that grow; one with something by none", async () => {
    const { far, clock, connection } = await waiting();
    for (const pauseMs of [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000]) {
      const before = far.requests.length;
      far.to("poll").lines(WELCOME, subscribed("a", 0), { type: "error", code: "unavailable", message: "x" });
      await clock.advanceAsync(pauseMs - 1);
      assert.equal(far.requests.length, before);
      await clock.advanceAsync(1);
      assert.equal(far.requests.length, before + 1);
    }
    for (const after of [0, 1, 2]) {
      const before = far.requests.length;
      far.to("poll").lines(WELCOME, subscribed("a", after), messages("a", after, after + 1));
      await settled();
      assert.equal(far.requests.length, before + 1);
    }
    far.to("poll").lines(WELCOME, subscribed("a", 3));
    await settled();
    assert.equal(clock.pendingCount, 1);
    connection.close();
    assert.equal(clock.pendingCount, 0);
  });

  test("[TRANSPORT-34] a poll that is cut while it waits is followed by shorter ones; what is cut at once is over", async () => {
    const { far, heard, clock } = await waiting();
    const cutAfter = async (ms: number, cut: () => unknown): Promise<number> => {
      await clock.advanceAsync(ms);
      cut();
      await settled();
      return waitOf(far.to("poll"));
    };
    assert.equal(await cutAfter(20_000, () => far.to("poll").fail()), 15);
    far.to("poll").lines(WELCOME, messages("a", 0, 1));
    await settled();
    assert.equal(await cutAfter(10_000, () => far.to("poll").head("text/html", 504).end()), 7);
    assert.equal(await cutAfter(3_000, () => far.to("poll").fail()), 5);
    assert.equal(await cutAfter(3_000, () => far.to("poll").fail()), 2);
    assert.deepEqual(heard.closes, []);
    await cutAfter(3_000, () => far.to("poll").fail());
    assert.deepEqual(heard.closes, [{ code: 1006, reason: "network down" }]);
    assert.equal(clock.pendingCount, 0);
  });

  test("[TRANSPORT-34] one that is cut at once may have met a connection that had its time; the next one tells", async () => {
    const { far, heard, clock } = await waiting();
    far.to("poll").fail();
    await clock.advanceAsync(250);
    assert.deepEqual([heard.closes, far.requests.length, waitOf(far.to("poll"))], [[], 3, 25]);
    far.to("poll").fail();
    await settled();
    assert.equal(heard.closes.length, 1);
    const never = open();
    await settled();
    never.far.to("poll").fail();
    await settled();
    assert.deepEqual([never.heard.closes.length, never.far.requests.length], [1, 1]);
  });

  test("[TRANSPORT-34] a refusal of the server, and an answer that is not ours, end it however long it waited", async () => {
    const answers: ((far: FakeFetch) => unknown)[] = [
      (far) =>
        far
          .to("poll")
          .head("application/json", 503)
          .write('{"error":{"code":"draining","message":"x"}}')
          .end(),
      (far) => far.to("poll").head("text/html", 404).end(),
      (far) => far.to("poll").head("text/html").write("<html>").end(),
    ];
    for (const answer of answers) {
      const { far, heard, clock } = await waiting();
      await clock.advanceAsync(10_000);
      answer(far);
      await settled();
      assert.equal(heard.closes.length, 1);
      assert.equal(far.requests.length, 2);
    }
  });

  test("[TRANSPORT-35] where an answer can't be read as it comes, it is read at its end", async () => {
    const heard = new Heard([HELLO]);
    const headers = new Headers({ "content-type": "application/x-ndjson" });
    const text = () => Promise.resolve(`${json(WELCOME, subscribed("a", 0)).join("\n")}\n`);
    let count = 0;
    const fetch = () =>
      (count += 1) > 1
        ? new Promise<Response>(() => undefined)
        : Promise.resolve({ ok: true, status: 200, headers, body: null, text } as unknown as Response);
    const connection = pollTransport({ base: "http://h/", fetch, clock: new FakeClock() }, allLanes).open(
      heard,
    );
    await settled();
    assert.deepEqual(heard.all, ["open", ...json(WELCOME, subscribed("a", 0)), "life"]);
    connection.close();
  });

  test("[TRANSPORT-32] a client that closes in answer to the last frame of a poll is asked nothing more", async () => {
    const { far, heard, connection, clock } = await waiting();
    heard.onEach = (told) => {
      if (told === "life") connection.close();
    };
    far.to("poll").lines(messages("a", 0, 1));
    await settled();
    assert.deepEqual([far.requests.length, clock.pendingCount], [2, 0]);
  });
});
