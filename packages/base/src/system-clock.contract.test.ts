import { setTimeout as wait } from "node:timers/promises";
import { describeClockContract } from "@parlor/testkit";
import { systemClock } from "./clock.ts";

describeClockContract({
  name: "systemClock",
  create: () => ({
    clock: systemClock,
    async pass(ms) {
      const untilMs = systemClock.monotonic() + ms;
      while (systemClock.monotonic() < untilMs) await wait(ms);
    },
  }),
});
