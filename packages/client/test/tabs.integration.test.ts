import { describe, test } from "node:test";
import { runTabs } from "./tabs-run.ts";
import { WAYS } from "./tabs-ways.ts";

describe("ten tabs of a browser", { timeout: 60_000 }, () => {
  for (const [way, parts] of Object.entries(WAYS))
    test(`[TABS-1] [TABS-2] over ${way} they are one connection, through handovers at which nothing is lost or comes twice`, async (t) => {
      await runTabs(t, { ...parts, tabs: 10, handovers: parts.workers ? 2 : 8 });
    });
});
