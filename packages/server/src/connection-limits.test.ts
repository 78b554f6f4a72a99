import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { ConnectionLimits } from "./connection-limits.ts";

const limits = (connectionsPerAddress: number, maxConnections = 1_000) =>
  new ConnectionLimits({ connectionsPerAddress, maxConnections, random: () => 0.5 });

describe("ConnectionLimits", () => {
  test("[GROW-7] an address that holds as many as it may is answered 429 in words; others are not touched", () => {
    const held = limits(2);
    assert.equal(held.take("192.0.2.1"), null);
    assert.equal(held.take("192.0.2.1"), null);
    const refusal = held.take("192.0.2.1");
    assert.equal(refusal?.status, 429);
    assert.equal(refusal?.code, "too-many-connections");
    assert.equal(refusal?.reason, "address-limit");
    assert.equal(refusal?.retryAfterMs, 6_000);
    assert.equal(held.take("192.0.2.2"), null);
    held.release("192.0.2.1");
    assert.equal(held.take("192.0.2.1"), null);
  });

  test("[GROW-6] the addresses of one IPv6 /64 hold them together", () => {
    const held = limits(2);
    assert.equal(held.take("2001:db8::1"), null);
    assert.equal(held.take("2001:db8::2"), null);
    assert.equal(held.take("2001:db8::3")?.status, 429);
    assert.equal(held.take("2001:db8:0:1::1"), null);
    held.release("2001:db8::ffff");
    assert.equal(held.take("2001:db8::3"), null);
  });

  test("[GROW-8] all together are bounded too, and that is answered 503", () => {
    const held = limits(Infinity, 3);
    for (let i = 0; i < 3; i++) assert.equal(held.take("192.0.2.1"), null);
    const refusal = held.take("192.0.2.2");
    assert.equal(refusal?.status, 503);
    assert.equal(refusal?.reason, "server-limit");
    held.release("192.0.2.1");
    assert.equal(held.take("192.0.2.2"), null);
  });

  test("[GROW-8] the wait that is named is spread", () => {
    const waits = [0, 0.999].map(
      (chance) =>
        new ConnectionLimits({ connectionsPerAddress: 1, maxConnections: 0, random: () => chance }).take("a")
          ?.retryAfterMs,
    );
    assert.deepEqual(waits, [2_000, 9_992]);
  });

  test("[GROW-7] whatever comes and goes, the counts are those of the connections that are open", () => {
    const address = fc.constantFrom("192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", "::1");
    const step = fc.record({ address, isOpening: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: "max" }), (steps) => {
        const held = limits(3, 8);
        const open: string[] = [];
        for (const { address: of, isOpening } of steps) {
          if (isOpening) {
            if (held.take(of) === null) open.push(of);
          } else {
            const at = open.indexOf(of);
            if (at === -1) continue;
            open.splice(at, 1);
            held.release(of);
          }
          assert.equal(held.total, open.length);
          assert.ok(held.total <= 8);
        }
        for (const of of open) held.release(of);
        assert.deepEqual([held.total, held.addressCount], [0, 0]);
        held.release("192.0.2.1");
        assert.equal(held.total, 0);
      }),
    );
  });
});
