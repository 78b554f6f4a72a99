import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { FakeClock } from "@parlor/testkit";
import { settle } from "../../test/kept-pages.ts";
import { ChannelClaims } from "./channel-claims.ts";

const open: ChannelClaims[] = [];

/** Lets time pass, in which messages come to the other pages. */
async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let leftMs = ms; leftMs > 0; leftMs -= 1_000) {
    await settle(4);
    clock.advance(Math.min(leftMs, 1_000));
  }
  await settle(4);
}

function page(clock: FakeClock, lot: number): ChannelClaims {
  const claims = new ChannelClaims(clock, () => lot);
  open.push(claims);
  return claims;
}

describe("claims without locks", () => {
  afterEach(() => {
    for (const claims of open.splice(0)) claims.close();
  });

  test("[OUTBOX-2] what a living page holds nobody else gets, and when it lets go one of those that wait does", async () => {
    const clock = new FakeClock();
    const [living, one, other] = [page(clock, 0.1), page(clock, 0.2), page(clock, 0.3)] as const;
    const release = await living.hold("p");
    const got: string[] = [];
    one.await("p", () => got.push("one"));
    other.await("p", () => got.push("other"));
    for (let n = 0; n < 4; n++) await pass(clock, 15_000);
    assert.deepEqual(got, []);
    release();
    for (let n = 0; n < 4; n++) await pass(clock, 2_000);
    assert.equal(got.length, 1, got.join());
  });

  test("[OUTBOX-2] what a dead page held is free after two seconds for one of those that ask", async () => {
    const clock = new FakeClock();
    const [dead, one, other] = [page(clock, 0.1), page(clock, 0.3), page(clock, 0.2)] as const;
    await dead.hold("p");
    dead.close();
    const got: string[] = [];
    one.await("p", () => got.push("one"));
    other.await("p", () => got.push("other"));
    await pass(clock, 1_999);
    assert.deepEqual(got, []);
    await pass(clock, 1);
    assert.deepEqual(got, ["other"], "the lesser lot");
    for (let n = 0; n < 4; n++) await pass(clock, 15_000);
    assert.equal(got.length, 1);
  });

  test("[OUTBOX-2] what is held twice is held until both have let go", async () => {
    const clock = new FakeClock();
    const [living, one] = [page(clock, 0.1), page(clock, 0.2)] as const;
    const first = await living.hold("p");
    const second = await living.hold("p");
    const got: string[] = [];
    one.await("p", () => got.push("one"));
    first();
    for (let n = 0; n < 4; n++) await pass(clock, 15_000);
    assert.deepEqual(got, []);
    second();
    for (let n = 0; n < 2; n++) await pass(clock, 2_000);
    assert.deepEqual(got, ["one"]);
  });

  test("[OUTBOX-2] who stops waiting gets nothing", async () => {
    const clock = new FakeClock();
    const claims = page(clock, 0.5);
    const stop = claims.await("p", () => assert.fail("it was stopped"));
    stop();
    await pass(clock, 30_000);
  });
});
