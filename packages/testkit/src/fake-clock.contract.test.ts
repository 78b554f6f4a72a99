import { describeClockContract } from "./contracts/clock-contract.ts";
import { FakeClock } from "./fake-clock.ts";

describeClockContract({
  name: "FakeClock",
  create: () => {
    const clock = new FakeClock();
    return { clock, pass: (ms) => clock.advanceAsync(ms) };
  },
});
