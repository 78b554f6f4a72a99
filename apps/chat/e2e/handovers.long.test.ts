import { describe, test } from "node:test";
import { runHandovers } from "./handovers.ts";

describe("ten tabs of a Chromium, again and again", { timeout: 3_000_000 }, () => {
  test("[TABS-17] the tab that holds the connection is closed, crashes and is frozen in turn, and nothing is lost or comes twice", async (t) => {
    t.diagnostic(await runHandovers({ tabs: 10, handovers: 100, worker: false }));
  });

  test("[TABS-17] the shared worker that holds it ends, and then one of the tabs, and nothing is lost or comes twice", async (t) => {
    t.diagnostic(await runHandovers({ tabs: 10, handovers: 50, worker: true }));
  });
});
