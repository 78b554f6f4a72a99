import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type BodyPlace, BodyPlaces } from "./body-places.ts";

describe("places for large bodies", () => {
  test("[GROW-73] an address has eight, the others come in their order, and other addresses are not touched", () => {
    let waits = 0;
    const places = new BodyPlaces(() => void (waits += 1));
    const begun: number[] = [];
    const take = (number: number, address: string): BodyPlace =>
      places.take(address, () => void begun.push(number));
    // A /64 of IPv6 is one address.
    const held = Array.from({ length: 12 }, (_, i) => take(i, `2001:db8::${i + 1}`));
    assert.deepEqual(begun.splice(0), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert.equal(waits, 4);
    const other = take(99, "192.0.2.1");
    assert.deepEqual(begun.splice(0), [99]);

    held[9]?.leave();
    held[3]?.leave();
    held[0]?.leave();
    assert.deepEqual(begun.splice(0), [8, 10], "who left the line is passed over");
    for (const i of [1, 2, 4, 5, 6, 7, 8, 10, 11]) held[i]?.leave();
    assert.deepEqual(begun, [11]);
    other.leave();
    assert.equal(places.size, 0);
  });
});
