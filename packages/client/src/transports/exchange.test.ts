import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "@parlor/testkit";
import { FakeFetch, settled } from "../../test/fake-fetch.ts";
import { exchange, type ExchangeListener } from "./exchange.ts";

function begin(over: Partial<ExchangeListener> = {}) {
  const clock = new FakeClock();
  const far = new FakeFetch();
  const heard: unknown[] = [];
  const stop = exchange(
    { base: "http://h/", fetch: far.fetch, clock },
    {
      path: "connect/poll",
      frames: ["{}"],
      patienceMs: () => 1_000,
      maxFrameChars: () => 100,
    },
    {
      onText: (text) => heard.push(text),
      onLife: () => heard.push("life"),
      onEnd: (fault) => heard.push(fault?.close ?? "end"),
      ...over,
    },
  );
  return { clock, far, heard, stop };
}

describe("exchange", () => {
  test("[TRANSPORT-6] a listener may stop it between two frames of one piece, and hears no more", async () => {
    const heard: string[] = [];
    const { far, clock, stop } = begin({
      onText: (text) => {
        heard.push(text);
        stop();
      },
    });
    far.to("poll").head("application/x-ndjson").write("one\ntwo\nthree\n");
    await settled();
    assert.deepEqual([heard, far.to("poll").isAborted, clock.pendingCount], [["one"], true, 0]);
  });

  test("[TRANSPORT-6] what comes when it was stopped is not told, the end neither", async () => {
    const { far, heard, stop, clock } = begin();
    const request = far.to("poll").head("application/x-ndjson").write("one\n");
    await settled();
    request.write("two\n");
    stop();
    stop();
    await settled();
    await clock.advanceAsync(10_000);
    assert.deepEqual(heard, ["one"]);
  });

  test("[TRANSPORT-24] time runs from the last bytes, not from the first", async () => {
    const { far, heard, clock } = begin();
    const request = far.to("poll").head("application/x-ndjson");
    for (let i = 0; i < 5; i++) {
      await clock.advanceAsync(900);
      request.write("half a");
      await settled();
    }
    assert.deepEqual(heard, ["life", "life", "life", "life", "life"]);
    await clock.advanceAsync(1_000);
    assert.deepEqual(heard.at(-1), { code: 1006, reason: "nothing was heard in time" });
    assert.equal(clock.pendingCount, 0);
  });

  test("[TRANSPORT-5] a fetch that throws is an answer that failed, told later", async () => {
    const heard: unknown[] = [];
    exchange(
      {
        base: "http://h/",
        fetch: () => {
          throw new TypeError("blocked");
        },
        clock: new FakeClock(),
      },
      {
        path: "",
        frames: [],
        isStream: true,
        patienceMs: () => 1_000,
        maxFrameChars: () => 100,
      },
      {
        onText: () => undefined,
        onLife: () => undefined,
        onEnd: (fault) => heard.push(fault),
      },
    );
    assert.deepEqual(heard, []);
    await settled();
    assert.deepEqual(heard, [{ close: { code: 1006, reason: "blocked" }, status: 0 }]);
  });
});
