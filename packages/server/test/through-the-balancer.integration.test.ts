import { describe, test } from "node:test";
import { runSuite, SUITES } from "./support/balanced-suites.ts";
import { BALANCED } from "./support/balanced-workers.ts";

describe("two workers behind a balancer that alternates every request and upgrade", () => {
  for (const [suite, which] of SUITES) {
    test(`[WORKERS-10] the suite ${suite} passes without sticky sessions`, () =>
      runSuite(suite, which, { [BALANCED]: "1" }));
  }
});
