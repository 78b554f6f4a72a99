import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Clock } from "@parlor/base";

/** A clock under test. */
export interface ClockSubject {
  readonly clock: Clock;
  /** Lets at least so many ms pass on it, with all that falls due in them. */
  readonly pass: (ms: number) => Promise<void>;
}

export interface ClockContract {
  /** As it stands in the names of the tests. */
  readonly name: string;
  readonly create: () => ClockSubject;
}

/**
 * Every sentence of the port `Clock` that holds whatever the machine's load, as tests. An implementation
 * calls this from its own `…contract.test.ts`, and passes or is no `Clock`.
 */
export function describeClockContract({ name, create }: ClockContract): void {
  describe(`${name}: the contract of clocks`, { timeout: 30_000 }, () => {
    test("[CLOCK-1] monotonic never falls, and both times pass", async () => {
      const { clock, pass } = create();
      const [begunWallMs, begunMs] = [clock.now(), clock.monotonic()];
      let lastMs = begunMs;
      for (let i = 0; i < 10; i++) {
        await pass(2);
        assert.ok(clock.monotonic() >= lastMs + 1, `${clock.monotonic()} behind ${lastMs}`);
        lastMs = clock.monotonic();
      }
      assert.ok(Number.isFinite(begunWallMs) && clock.now() !== begunWallMs);
      assert.ok(clock.now() > Date.UTC(2020), "it counts from 1970");
    });

    test("[CLOCK-2] a task runs once, not before its delay, and never within `after`", async () => {
      const { clock, pass } = create();
      for (const delayMs of [30, 1, 0, -5, Number.NaN]) {
        const begunMs = clock.monotonic();
        const ranMs: number[] = [];
        clock.after(delayMs, () => ranMs.push(clock.monotonic()));
        assert.equal(ranMs.length, 0, `within after(${delayMs})`);
        await pass(80);
        assert.equal(ranMs.length, 1, `after(${delayMs}) ran ${ranMs.length} times`);
        // The system's timers count whole milliseconds, and so may be a part of one early.
        assert.ok((ranMs[0] as number) - begunMs > Math.max(delayMs || 0, 1) - 1);
      }
    });

    test("[CLOCK-3] tasks run in the order in which they fall due; of one delay, in the order in which they were set", async () => {
      const { clock, pass } = create();
      const ran: string[] = [];
      clock.after(60, () => ran.push("late"));
      clock.after(20, () => ran.push("first of two"));
      clock.after(20, () => ran.push("second of two"));
      clock.after(1, () => ran.push("soon"));
      await pass(120);
      assert.deepEqual(ran, ["soon", "first of two", "second of two", "late"]);
    });

    test("[CLOCK-3] a task may set another, which runs a delay later", async () => {
      const { clock, pass } = create();
      const ranMs: number[] = [];
      const again = (): void => {
        ranMs.push(clock.monotonic());
        if (ranMs.length < 3) clock.after(10, again);
      };
      clock.after(10, again);
      // On a busy machine the next may fall due only when the time of a pass is over.
      for (let passes = 0; passes < 100 && ranMs.length < 3; passes++) await pass(20);
      await pass(50);
      assert.equal(ranMs.length, 3);
      assert.ok((ranMs[2] as number) - (ranMs[0] as number) > 18);
    });

    test("[CLOCK-4] a task that is cancelled never runs, and no other is; twice, and too late, is harmless", async () => {
      const { clock, pass } = create();
      const ran: string[] = [];
      const cancelled = clock.after(20, () => ran.push("cancelled"));
      const kept = clock.after(20, () => ran.push("kept"));
      const before = clock.after(5, () => clock.cancel(byAnother));
      const byAnother = clock.after(40, () => ran.push("cancelled by another"));
      clock.cancel(cancelled);
      clock.cancel(cancelled);
      await pass(100);
      for (const handle of [kept, before, byAnother]) clock.cancel(handle);
      await pass(20);
      assert.deepEqual(ran, ["kept"]);
    });

    test("[CLOCK-5] a wait beyond the system's longest is not taken for none", async () => {
      const { clock, pass } = create();
      let ran = 0;
      const handles = [2 ** 31, 2 ** 40, Infinity].map((delayMs) => clock.after(delayMs, () => ran++));
      await pass(50);
      assert.equal(ran, 0);
      for (const handle of handles) clock.cancel(handle);
    });
  });
}
