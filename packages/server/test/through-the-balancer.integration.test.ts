import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { BALANCED } from "./support/balanced-workers.ts";

const run = promisify(execFile);

/**
 * The suites of the protocol, which know nothing but addresses, with two workers behind the address. Left
 * out is what is by its nature of one process: suites of limits, drains and sockets, and these.
 */
const SUITES: readonly (readonly [suite: string, ofOneProcess: readonly string[]])[] = [
  ["chain", []],
  ["cross-origin", []],
  ["event-feed", []],
  // A server's early answer to a body that it does not read is between it and its own peer.
  ["exchange", ["SEND-11"]],
  ["frames", []],
  ["hello", []],
  // The first of them looks for one batch in one frame, where a worker's tail may have gathered two; the
  // other one counts rates.
  ["plain-room", ["PLAIN-50", "PLAIN-56"]],
  // These look at the process's own counters to learn when a poll waits.
  ["poll", ["POLL-2", "POLL-3", "POLL-5", "POLL-8", "POLL-9", "POLL-10", "POLL-11"]],
  ["protocol-page", []],
  ["publish", []],
  // Pipelining and readiness are each connection's and each process's own.
  ["rest-history", ["GROW-64", "GROW-65", "REST-69"]],
  ["rest-publish", ["REST-64"]],
  ["roads", []],
  ["send", []],
  ["slow", []],
  ["stream", ["STREAM-4", "STREAM-6", "STREAM-9"]],
  // A log that can lag is none that a worker is linked to.
  ["subscribe", ["LOST-4"]],
];

describe("two workers behind a balancer that alternates every request and upgrade", () => {
  for (const [suite, ofOneProcess] of SUITES) {
    test(`[WORKERS-10] the suite ${suite} passes without sticky sessions`, async () => {
      const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
      const args = ["--test", "--test-reporter=tap"];
      for (const id of ofOneProcess) args.push(`--test-skip-pattern=\\[${id}\\]`);
      const ended = await run(
        process.execPath,
        [...args, join(import.meta.dirname, `${suite}.integration.test.ts`)],
        { env: { ...environment, [BALANCED]: "1" }, timeout: 120_000, maxBuffer: 1e8 },
      ).catch((error: unknown) => error as { stdout: string; code: unknown });
      const said = ended.stdout.split("\n");
      const failed = said.filter((line) => /^\s*not ok /.test(line));
      assert.deepEqual(failed, []);
      assert.ok(
        said.some((line) => /^# pass [1-9]/.test(line)),
        ended.stdout.slice(-500),
      );
      assert.ok(!("code" in ended), ended.stdout.slice(-500));
    });
  }
});
