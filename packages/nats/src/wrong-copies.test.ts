import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "@parlor/testkit";
import type { Stored } from "./stored.ts";
import { findRight, WrongCopies, type WrongCopy } from "./wrong-copies.ts";

const holding = (text: string): Stored => ({ seq: 7, subject: "p.p.0.lobby", data: Buffer.from(text) });
const RIGHT = holding("right");
const WRONG = holding("wrong");
const isRight = (data: Uint8Array): boolean => Buffer.from(data).toString() === "right";

/** What is found and who is named, where copies answer so. */
async function ask(first: Stored | null, leader: Stored | null, others: readonly (Stored | null)[]) {
  const named: string[] = [];
  const found = await findRight(
    {
      any: async (times) => (times === 1 ? [first] : others),
      leader: async () => leader,
    },
    isRight,
    12,
    (_, at) => named.push(at),
  );
  return { found, named };
}

describe("copies of a stream that differ", () => {
  test("[CLUSTER-25] a copy that has something else is named, the leader's as the leader's; one that has nothing may lag", async () => {
    assert.deepEqual(await ask(RIGHT, null, []), { found: RIGHT, named: [] });
    assert.deepEqual(await ask(null, RIGHT, []), { found: RIGHT, named: [] });
    assert.deepEqual(await ask(WRONG, RIGHT, []), { found: RIGHT, named: ["another"] });
    assert.deepEqual(await ask(WRONG, WRONG, [null, RIGHT]), { found: RIGHT, named: ["leader"] });
    assert.deepEqual(await ask(null, null, [RIGHT]), { found: RIGHT, named: [] });
    assert.deepEqual(
      await ask(WRONG, WRONG, [WRONG]),
      { found: null, named: [] },
      "nobody knows what is right",
    );
  });

  test("[CLUSTER-25] each is counted, and one a minute is told of, with stream, sequence, room and the leader's name", async () => {
    const clock = new FakeClock();
    const told: WrongCopy[] = [];
    const wrong = new WrongCopies({
      clock,
      leaderOf: async (stream) => {
        if (stream === "p_1") throw new Error("no leader");
        return "server-b";
      },
      roomOf: (subject) => subject.split(".")[3] ?? null,
      tell: (each) => told.push(each),
    });
    wrong.add("p_0", RIGHT, "leader");
    wrong.add("p_0", RIGHT, "leader");
    await clock.advanceAsync(59_000);
    wrong.add("p_0", RIGHT, "another");
    await clock.advanceAsync(1_000);
    wrong.add("p_1", RIGHT, "leader");
    await clock.advanceAsync(60_000);
    wrong.add("p_0", RIGHT, "another");
    await clock.advanceAsync(1);
    const place = { sequence: 7, room: "lobby" };
    assert.deepEqual(told, [
      { stream: "p_0", ...place, server: "server-b" },
      { stream: "p_1", ...place, server: null },
      { stream: "p_0", ...place, server: null },
    ]);
    assert.equal(wrong.total, 5);
  });
});
