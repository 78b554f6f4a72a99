import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { CodedError } from "@parlor/base";
import { MAX_REQUESTS_IN_FLIGHT } from "@parlor/protocol";
import { SetUp } from "../test/set-up.ts";

function linked() {
  const setUp = new SetUp();
  setUp.client.reconnect();
  setUp.welcome();
  return setUp;
}

/** The part is loaded at the first request: everything that was asked has gone out behind this. */
async function loaded(): Promise<void> {
  await import("./requests.ts");
  for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve));
}

/** Why a promise rejected; undefined where it did not. */
function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
}

/** What of it programs and people see. */
function toldOf(reason: unknown): object {
  const { code, message, retryAfterMs } = reason as CodedError;
  return { code, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

describe("requests of a client", () => {
  test("[REQUEST-10] each gets its own answer, in whatever order they come, and what nobody asked for is passed over", async () => {
    const { client, far } = linked();
    const first = client.request("rename", { name: "Ada" });
    const second = client.request<number>("count");
    await loaded();
    assert.deepEqual(far.take(), [
      { type: "request", id: 1, method: "rename", params: { name: "Ada" } },
      { type: "request", id: 2, method: "count" },
    ]);
    far.say({ type: "reply", id: 9, result: 0 }, { type: "reply", id: 2, result: 2 });
    far.say({ type: "reply", id: 2, result: 3 }, { type: "reply", id: 1, result: "one" });
    assert.equal(await first, "one");
    assert.equal(await second, 2);
  });

  test("[REQUEST-10] a refusal rejects with its code, words and time, be it a reply or an error", async () => {
    const { client, far } = linked();
    const taken = reasonOf(client.request("rename"));
    const malformed = reasonOf(client.request("rename"));
    await loaded();
    far.say({ type: "reply", id: 1, error: { code: "name-taken", message: "Taken.", retryAfterMs: 9 } });
    far.say({ type: "error", to: "request", id: 2, code: "bad-frame", message: "No." });
    assert.deepEqual(toldOf(await taken), { code: "name-taken", message: "Taken.", retryAfterMs: 9 });
    assert.deepEqual(toldOf(await malformed), { code: "bad-frame", message: "No." });
  });

  test("[REQUEST-11] one that was sent is never sent again: after a lost connection it rejects outcome-unknown", async () => {
    const setUp = linked();
    const asked = reasonOf(setUp.client.request("rename"));
    await loaded();
    setUp.far.close();
    assert.equal(((await asked) as CodedError).code, "outcome-unknown");
    setUp.comeBack();
    setUp.welcome();
    assert.deepEqual(setUp.far.take(), []);
  });

  test("[REQUEST-11] without a connection it waits for the welcome, and for another server where this one said bye", async () => {
    const setUp = new SetUp();
    const asked = setUp.client.request("rename");
    await loaded();
    setUp.far.open();
    assert.deepEqual(
      setUp.far.take().map(({ type }) => type),
      ["hello"],
    );
    setUp.welcome();
    setUp.far.say({ type: "bye", code: "draining", retryAfterMs: 1 });
    const late = setUp.client.request("late");
    await loaded();
    const early = setUp.far.take().filter(({ type }) => type === "request");
    assert.deepEqual(early, [{ type: "request", id: 1, method: "rename" }]);
    setUp.far.say({ type: "reply", id: 1, result: 1 });
    assert.equal(await asked, 1);
    setUp.far.close();
    setUp.comeBack();
    setUp.welcome();
    assert.deepEqual(setUp.far.take(), [{ type: "request", id: 2, method: "late" }]);
    setUp.far.say({ type: "reply", id: 2, result: 2 });
    assert.equal(await late, 2);
  });

  test("[REQUEST-12] behind timeoutMs it rejects deadline and says whether it was sent; one that was not is never sent", async () => {
    const setUp = new SetUp();
    const unsent = reasonOf(setUp.client.request("rename", 1, { timeoutMs: 100 }));
    await loaded();
    setUp.clock.advance(100);
    assert.deepEqual(toldOf(await unsent), {
      code: "deadline",
      message: "There was no connection in time; nothing was asked.",
    });
    setUp.welcome();
    assert.deepEqual(setUp.far.take(), []);
    const sent = reasonOf(setUp.client.request("rename", 2, { timeoutMs: 100 }));
    await loaded();
    setUp.clock.advance(100);
    assert.deepEqual(toldOf(await sent), {
      code: "deadline",
      message: "The server did not answer in time; it may have done what was asked.",
    });
  });

  test("[REQUEST-12] aborted it rejects with the signal's reason, before and behind its sending", async () => {
    const setUp = linked();
    const reason = new Error("the page was closed");
    const aborted = { signal: AbortSignal.abort(reason) };
    assert.equal(await reasonOf(setUp.client.request("rename", 1, aborted)), reason);
    const controller = new AbortController();
    const { signal } = controller;
    const sent = reasonOf(setUp.client.request("rename", 2, { signal }));
    await loaded();
    assert.equal(setUp.far.take().length, 1);
    controller.abort(reason);
    assert.equal(await sent, reason);
    setUp.far.say({ type: "reply", id: 1, result: 1 });
    assert.deepEqual(setUp.states.at(-1)?.kind, "open");
  });

  test("[REQUEST-13] 32 are under way at a time, one that was given up among them until it is answered, and 256 are open", async () => {
    const setUp = linked();
    const controller = new AbortController();
    const given = reasonOf(setUp.client.request("given up", 0, { signal: controller.signal }));
    const asked = Array.from({ length: 255 }, (_, at) => setUp.client.request("count", at));
    await loaded();
    assert.equal(setUp.far.take().length, MAX_REQUESTS_IN_FLIGHT);
    await assert.rejects(setUp.client.request("one more"), { code: "unavailable" });
    controller.abort();
    await given;
    assert.equal(setUp.far.take().length, 0);
    for (let id = 1; id <= 256; id++) setUp.far.say({ type: "reply", id, result: id });
    assert.deepEqual(
      await Promise.all(asked),
      asked.map((_, at) => at + 2),
    );
  });

  test("[REQUEST-13] a request that makes no sense is not asked", async () => {
    const { client, far } = linked();
    await assert.rejects(client.request(""), { code: "bad-option" });
    await assert.rejects(client.request("x".repeat(129)), { code: "bad-option" });
    await assert.rejects(client.request("x", 1, { timeoutMs: 0 }), { code: "bad-option" });
    await assert.rejects(client.request("x", 1, { timeoutMs: Number.NaN }), { code: "bad-option" });
    await assert.rejects(client.request("x", 1n), { code: "bad-frame" });
    await assert.rejects(client.request("x", "y".repeat(65_535)), { code: "too-large" });
    assert.deepEqual(far.take(), []);
  });

  test("[REQUEST-11] the end of the client rejects what waits as closed, what was sent as outcome-unknown, and what comes after", async () => {
    const { client } = linked();
    const sent = Array.from({ length: MAX_REQUESTS_IN_FLIGHT }, () => reasonOf(client.request("rename")));
    const unsent = reasonOf(client.request("rename"));
    await loaded();
    client.close();
    for (const reason of await Promise.all(sent)) {
      assert.equal((reason as CodedError).code, "outcome-unknown");
    }
    assert.equal(((await unsent) as CodedError).code, "closed");
    await assert.rejects(client.request("rename"), { code: "closed" });
  });
});
