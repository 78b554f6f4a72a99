import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { UpgradeTurns } from "./upgrade-turns.ts";

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Answers upgrades of addresses, and knows in which order. */
class Desk {
  waits = 0;
  readonly turns = new UpgradeTurns(() => void (this.waits += 1));
  readonly answered: string[] = [];

  come(address: string, times = 1): void {
    for (let i = 0; i < times; i++) this.turns.take(address, () => this.answered.push(address));
  }
}

describe("the turns of upgrades", () => {
  test("[GROW-71] four upgrades are answered in one turn of the event loop, at once while nobody waits", async () => {
    const desk = new Desk();
    desk.come("192.0.2.1", 20);
    assert.equal(desk.answered.length, 4);
    assert.deepEqual([desk.turns.waiting, desk.waits], [16, 16]);
    for (const answered of [8, 12, 16, 20]) {
      await nextTurn();
      assert.equal(desk.answered.length, answered);
    }
    await nextTurn();
    desk.come("192.0.2.1");
    assert.equal(desk.answered.length, 21, "nobody waits any more");
    assert.deepEqual([desk.turns.waiting, desk.waits], [0, 16]);
  });

  test("[GROW-71] addresses take turns, a /64 of IPv6 as one, however many one of them sends", async () => {
    const desk = new Desk();
    desk.come("192.0.2.1", 100);
    desk.come("2001:db8::1", 2);
    desk.come("2001:db8::2");
    desk.come("192.0.2.2");
    desk.answered.length = 0;
    await nextTurn();
    await nextTurn();
    assert.deepEqual(
      desk.answered.map((address) => (address.startsWith("192") ? address : "2001:db8::/64")),
      [
        ...["192.0.2.1", "2001:db8::/64", "192.0.2.2"],
        ...["192.0.2.1", "2001:db8::/64", "192.0.2.1", "2001:db8::/64", "192.0.2.1"],
      ],
    );
    for (let i = 0; i < 40; i++) await nextTurn();
    assert.equal(desk.turns.waiting, 0);
  });
});
