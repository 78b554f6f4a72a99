import { describe, test } from "node:test";
import { runTabs } from "./tabs-run.ts";
import { WAYS } from "./tabs-ways.ts";

describe("ten tabs of a browser, a hundred times", { timeout: 600_000 }, () => {
  for (const [way, parts] of Object.entries(WAYS))
    test(`[TABS-1] [TABS-2] over ${way} a hundred handovers lose nothing and double nothing, at one connection throughout`, async (t) => {
      await runTabs(t, { ...parts, tabs: 10, handovers: 100 });
    });
});
