import { test } from "node:test";
import { runHandovers } from "./handovers.ts";

test("[TABS-11] [TABS-17] four tabs that open at once are two connections for a moment, and then one; the tab that holds it is closed, crashes and is frozen in turn, and nothing is lost or comes twice", async (t) => {
  t.diagnostic(await runHandovers({ tabs: 4, handovers: 9, worker: false }));
});
