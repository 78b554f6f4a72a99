import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { ByteGate } from "./byte-gate.ts";

describe("ByteGate", () => {
  test("closes above the high mark, not at it", () => {
    const gate = new ByteGate(100, 40);
    assert.equal(gate.add(100), true);
    assert.equal(gate.add(1), false);
    assert.equal(gate.isOpen, false);
  });

  test("opens at the low mark, and says so once", () => {
    const gate = new ByteGate(100, 40);
    gate.add(150);
    assert.equal(gate.remove(109), false);
    assert.equal(gate.remove(1), true);
    assert.equal(gate.isOpen, true);
    assert.equal(gate.remove(1), false);
  });

  test("between the marks it stays what it was", () => {
    const gate = new ByteGate(100, 40);
    gate.add(70);
    assert.equal(gate.isOpen, true);
    gate.add(70);
    gate.remove(70);
    assert.equal(gate.isOpen, false);
  });

  test("counts no less than nothing", () => {
    const gate = new ByteGate(100, 40);
    gate.add(10);
    gate.remove(50);
    assert.equal(gate.waitingBytes, 0);
    assert.equal(gate.add(100), true);
  });

  test("a low mark above the high one is an error", () => {
    assert.throws(() => new ByteGate(10, 11), RangeError);
    assert.throws(() => new ByteGate(Number.NaN, 0), RangeError);
  });

  test("opens only after it closed, closes only after it opened, whatever comes", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -80, max: 80 })), (steps) => {
        const gate = new ByteGate(100, 40);
        let waiting = 0;
        for (const step of steps) {
          const wasOpen = gate.isOpen;
          if (step >= 0) assert.equal(gate.add(step), gate.isOpen);
          else assert.equal(gate.remove(-step), !wasOpen && gate.isOpen);
          waiting = Math.max(0, waiting + step);
          assert.equal(gate.waitingBytes, waiting);
          if (waiting > 100) assert.equal(gate.isOpen, false);
          if (waiting <= 40) assert.equal(gate.isOpen, true);
        }
      }),
    );
  });
});
