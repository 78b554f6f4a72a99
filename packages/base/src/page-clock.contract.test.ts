import { setTimeout as wait } from "node:timers/promises";
import { describeClockContract } from "@parlor/testkit";
import { pageClock } from "./page-clock.ts";

describeClockContract({
  name: "pageClock",
  create: () => ({
    clock: pageClock,
    async pass(ms) {
      const untilMs = pageClock.monotonic() + ms;
      while (pageClock.monotonic() < untilMs) await wait(ms);
    },
  }),
});
