import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { cpuMsOf, ownCpuMs } from "./cpu-time.ts";

describe("the CPU time of a process", () => {
  const fromOutside = cpuMsOf(process.pid);
  const skip = fromOutside === null ? "this system does not tell of other processes" : false;

  test("is the same from outside as from inside, threads included", { skip }, () => {
    const before = { inside: ownCpuMs(), outside: cpuMsOf(process.pid) ?? Number.NaN };
    let sum = 0;
    while (ownCpuMs() - before.inside < 200) for (let i = 0; i < 1e5; i++) sum += Math.sqrt(i);
    const inside = ownCpuMs() - before.inside;
    const outside = (cpuMsOf(process.pid) ?? Number.NaN) - before.outside;
    assert.ok(sum > 0);
    assert.ok(
      Math.abs(outside - inside) < inside * 0.1,
      `${outside} ms from outside, ${inside} ms from inside`,
    );
  });

  test("of a process that is not there is not known", () => {
    assert.equal(cpuMsOf(2 ** 30), null);
  });
});
