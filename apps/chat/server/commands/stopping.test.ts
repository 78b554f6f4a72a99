import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "@parlor/testkit";
import { Stopping } from "./stopping.ts";

describe("a command that is told to stop", () => {
  test("[CMD-12] ends at its next word of progress; npm and the terminal saying it twice is one wish, a later one ends it at once", () => {
    const clock = new FakeClock();
    const exits: number[] = [];
    const stopping = new Stopping(clock, (code) => exits.push(code));
    stopping.check();
    assert.equal(stopping.exitCode, undefined);
    stopping.ask("SIGINT");
    assert.throws(() => stopping.check(), { code: "stopped" });
    clock.advance(900);
    stopping.ask("SIGINT");
    assert.deepEqual([exits, stopping.exitCode], [[], 130]);
    clock.advance(200);
    stopping.ask("SIGTERM");
    assert.deepEqual(exits, [143]);
  });
});
