import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const without = (...ids: readonly string[]): string[] => ids.map((id) => `--test-skip-pattern=\\[${id}\\]`);
const only = (...ids: readonly string[]): string[] => ids.map((id) => `--test-name-pattern=\\[${id}\\]`);

/**
 * The suites of the protocol, which know nothing but addresses, with several processes behind the address. Left
 * out is what is by its nature of one process: suites of limits, drains and sockets, and these.
 */
export const SUITES: readonly (readonly [suite: string, which: readonly string[]])[] = [
  // The other one drains one of the two.
  ["binary", without("BINARY-9")],
  ["chain", []],
  // The others look at the process's own logger and at how it was made, or hear a signal of one's own code.
  ["contract", only("CONTRACT-1", "CONTRACT-3")],
  ["cross-origin", []],
  ["event-feed", []],
  // A server's early answer to a body that it does not read is between it and its own peer.
  ["exchange", without("SEND-11")],
  ["frames", []],
  ["hello", []],
  // A recheck is one process's own.
  ["inbox", without("INBOX-4")],
  // The first of them looks for one batch in one frame, where a worker's tail may have gathered two; the
  // other one counts rates.
  ["plain-room", without("PLAIN-50", "PLAIN-56")],
  // The others look at the process's own counters to learn when a poll waits.
  ["poll", only("POLL-1", "POLL-4", "POLL-6", "POLL-7")],
  // The others move the clock of one process, or stay within it.
  ["presence", only("PRESENCE-2", "PRESENCE-3", "PRESENCE-4", "PRESENCE-8", "PRESENCE-9")],
  ["presence-everywhere", []],
  ["protocol-page", []],
  ["publish", []],
  // Bounds are counted, and drains made, by each process for itself.
  ["requests", without("REQUEST-7", "REQUEST-8")],
  // Pipelining and readiness are each connection's and each process's own.
  ["rest-history", without("GROW-64", "GROW-65", "REST-69")],
  ["rest-publish", without("REST-64")],
  ["roads", []],
  // These drain one server, or look at its own counters.
  ["send", without("SEND-11", "SEND-13", "SEND-14")],
  // Rates, ticks and counters are each process's own.
  ["signals", only("SIGNAL-1", "SIGNAL-2", "SIGNAL-3", "SIGNAL-4", "SIGNAL-10")],
  ["signals-everywhere", without("SIGNAL-12")],
  // Its server is a process of its own, and behind no balancer.
  ["slow", without("SLOW-50")],
  // The others need both workers to have followed the log equally far, or recheck rights at one of them.
  ["state", only("STATE-2", "STATE-5")],
  // The others count connections, or wait for the process's own clock.
  ["stream", only("STREAM-1", "STREAM-2", "STREAM-3", "STREAM-5", "STREAM-7", "STREAM-8")],
  // A log that can lag is none that a worker is linked to, and newest messages are kept beside a log of one's own.
  ["subscribe", without("CHAIN-57", "LOST-4")],
];

/**
 * What does not hold for nodes of a cluster: tests that bring a log of their own, versions of presence, counters,
 * what a process holds for one connection, and what of a room's signals was said a moment ago, which are one node's own.
 */
const NOT_OF_NODES = [
  ...["INBOX-5", "PLAIN-54", "POLL-7", "ONCE-59", "ONCE-60", "ONCE-61", "ONCE-62", "REST-60", "REST-65"],
  ...["SEND-2", "SEND-3", "SEND-10", "PRESENCE-8", "STREAM-5", "SIGNAL-14", "SLOW-51"],
];

/** A suite's switches, for nodes of a cluster. */
export function ofNodes(which: readonly string[]): string[] {
  return [...which, ...without(...NOT_OF_NODES)];
}

/** Runs one suite in a process of its own, with a switch for its servers; fails with what it said. */
export async function runSuite(
  suite: string,
  which: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const { NODE_TEST_CONTEXT: _, ...own } = process.env;
  // In the one process that is ended where it hangs.
  const args = ["--test", "--test-isolation=none", "--test-reporter=tap", ...which];
  const ended = await run(
    process.execPath,
    [...args, join(import.meta.dirname, "..", `${suite}.integration.test.ts`)],
    { env: { ...own, ...environment }, timeout: 240_000, killSignal: "SIGKILL", maxBuffer: 1e8 },
  ).catch((error: unknown) => error as { stdout: string; code: unknown });
  const said = ended.stdout.split("\n");
  const failed = said.findIndex((line) => /^\s*not ok /.test(line));
  // With what is said of it, in the lines behind.
  assert.equal(failed, -1, said.slice(failed, failed + 30).join("\n"));
  assert.ok(
    said.some((line) => /^# pass [1-9]/.test(line)),
    ended.stdout.slice(-500),
  );
  assert.ok(!("code" in ended), ended.stdout.slice(-500));
}
