import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MemoryLog, type LogStatus } from "@parlor/log";
import { FakeClock } from "@parlor/testkit";
import { endWhenAsked } from "./lifecycle.ts";

class Harness {
  readonly clock = new FakeClock();
  readonly exits: number[] = [];
  readonly said: string[] = [];
  readonly complained: string[] = [];
  stopsCount = 0;
  finishStop: (fault?: Error) => void = () => assert.fail("nothing stops yet");
  tellStatus: (status: LogStatus) => void = () => assert.fail("nobody listens to the log");
  signal: (signal: "SIGINT" | "SIGTERM") => void = () => assert.fail("nobody listens to signals");

  constructor() {
    const log = new MemoryLog();
    log.onStatus = (listener) => {
      this.tellStatus = listener;
      return () => undefined;
    };
    const stop = (): Promise<void> => {
      this.stopsCount += 1;
      return new Promise((resolve, reject) => {
        this.finishStop = (fault) => (fault === undefined ? resolve() : reject(fault));
      });
    };
    endWhenAsked(
      { log, stop },
      {
        clock: this.clock,
        onSignal: (listener) => (this.signal = listener),
        exit: (code) => this.exits.push(code),
        say: (line) => this.said.push(line),
        complain: (line) => this.complained.push(line),
      },
    );
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("endWhenAsked", () => {
  test("[STOP-1] a signal drains once, and the exit code is 0 when that is done", async () => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      const harness = new Harness();
      harness.signal(signal);
      await turn();
      assert.deepEqual([harness.stopsCount, harness.exits], [1, []]);
      harness.finishStop();
      await turn();
      assert.deepEqual(harness.exits, [0]);
    }
  });

  test("[STOP-2] a second signal within a second is the same wish, a later one exits at once", async () => {
    const harness = new Harness();
    harness.signal("SIGINT");
    harness.clock.advance(1000);
    harness.signal("SIGINT");
    assert.deepEqual(harness.exits, []);
    harness.clock.advance(1);
    harness.signal("SIGTERM");
    assert.deepEqual(harness.exits, [143]);
    assert.equal(harness.stopsCount, 1);
    harness.finishStop();
    await turn();
    assert.deepEqual(harness.exits, [143]);
  });

  test("[STOP-3] a drain that does not end is cut short of ten seconds, and says so", async () => {
    const harness = new Harness();
    harness.signal("SIGTERM");
    await turn();
    harness.clock.advance(9_499);
    assert.deepEqual(harness.exits, []);
    harness.clock.advance(1);
    assert.deepEqual(harness.exits, [0]);
    assert.equal(harness.complained.length, 1);
  });

  test("[STOP-4] a drain that fails is told and is no success", async () => {
    const harness = new Harness();
    harness.signal("SIGTERM");
    await turn();
    harness.finishStop(new Error("the disk is gone"));
    await turn();
    assert.deepEqual(harness.exits, [1]);
    assert.match(harness.complained.join(), /the disk is gone/);
  });

  test("[STOP-5] a log that failed ends the process with 70 and its sentence, once", () => {
    const harness = new Harness();
    harness.tellStatus({ kind: "failed", message: "fsync: input/output error" });
    harness.tellStatus({ kind: "failed", message: "again" });
    assert.deepEqual(harness.exits, [70]);
    assert.match(harness.complained[0] ?? "", /fsync: input\/output error/);
  });

  test("[STOP-6] a full disk is told, and so is its end, and neither ends the process", () => {
    const harness = new Harness();
    harness.tellStatus({ kind: "full", message: "no space left" });
    harness.tellStatus({ kind: "ready" });
    assert.match(harness.complained.join(), /no space left/);
    assert.deepEqual(harness.said, ["Publishes are taken again."]);
    assert.deepEqual(harness.exits, []);
  });
});
