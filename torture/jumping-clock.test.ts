import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { seededRandom } from "@parlor/testkit";
import { JumpingClock } from "./jumping-clock.ts";
import { ScratchDisk } from "./scratch-disk.ts";

describe("two faults at once", () => {
  test("[TORTURE-1] the clock jumps while the server's disk is full", (t) => {
    using disk = new ScratchDisk();
    using clock = new JumpingClock();
    if (!disk.canBeFilled || !clock.isAvailable)
      return t.skip("no file system can be mounted, or no faketime");
    disk.fill();
    for (let i = 0; i < 20; i++) {
      const seconds = clock.jump(seededRandom(String(i)));
      const set = readFileSync(clock.environment["FAKETIME_TIMESTAMP_FILE"] ?? "", "utf8");
      assert.equal(Number.parseInt(set, 10), seconds);
    }
  });
});
