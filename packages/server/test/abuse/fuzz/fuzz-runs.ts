import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { testSeed } from "@parlor/testkit";
import fc from "fast-check";
import { startFuzzed } from "./fuzzed-server.ts";
import { named } from "./file-requests.ts";
import { fuzzedRequest } from "./http-requests.ts";
import { assertSayable, heardBy } from "./heard-bytes.ts";
import { fuzzedSocket } from "./socket-bytes.ts";
import { answerTo, assertKnown } from "./whole-answer.ts";

/** What a run must have met, or it did not get as far as it should. */
const ANSWERED = ["101", "200", "201", "204", "206", "304", "400", "403", "404", "405", "415", "426"];
const HEARD = [
  "400",
  "open",
  "close 1000",
  "close 1002",
  "close 1007",
  "welcome",
  "messages",
  "ack",
  "history",
  "error",
];

/** After so many cases it is looked whether others are still served. */
const LOOK_EVERY = 250;

/** The same cases in the same order for one `TEST_SEED`; how many of them is the budget's. */
function parametersFor(t: TestContext, budgetMs: number): fc.Parameters<unknown> {
  const seed = testSeed();
  t.diagnostic(`TEST_SEED=${seed}`);
  return {
    seed: fc.hash(seed),
    numRuns: 100_000_000,
    interruptAfterTimeLimit: budgetMs,
    markInterruptAsFailure: false,
  };
}

/** Requests to every address, each a little wrong, until the time is over; gives how many there were. */
export async function fuzzHttp(t: TestContext, budgetMs: number): Promise<number> {
  const server = await startFuzzed(t);
  const seen = new Map<string, number>();
  let count = 0;
  await fc.assert(
    fc.asyncProperty(fuzzedRequest, async (request) => {
      const answer = await answerTo(server.port, named(request, server.given));
      count += 1;
      if (answer === null) {
        assert.ok(!request.isSound, "a sound request was closed without an answer");
        seen.set("closed", (seen.get("closed") ?? 0) + 1);
      } else {
        assertKnown(answer, request.method === "HEAD");
        server.assertNoSecret(answer.body);
        seen.set(String(answer.status), (seen.get(String(answer.status)) ?? 0) + 1);
      }
      if (count % LOOK_EVERY === 0) await server.assertUnharmed();
    }),
    parametersFor(t, budgetMs),
  );
  await server.assertOver();
  t.diagnostic(
    `${count} requests: ${JSON.stringify(Object.fromEntries([...seen].sort(([a], [b]) => (a < b ? -1 : 1))))}`,
  );
  for (const status of ANSWERED) assert.ok(seen.has(status), `no request was answered ${status}`);
  return count;
}

/** Sockets that shake hands and speak frames, with bytes changed anywhere; gives how many there were. */
export async function fuzzSockets(t: TestContext, budgetMs: number): Promise<number> {
  const server = await startFuzzed(t);
  const seen = new Map<string, number>();
  let count = 0;
  await fc.assert(
    fc.asyncProperty(fuzzedSocket, async (socket) => {
      const { outcome, text } = assertSayable(await heardBy(server.port, socket));
      server.assertNoSecret(text);
      if (socket.isWelcome && socket.leaves === "end") assert.match(outcome, /^(open|close)/);
      count += 1;
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
      for (const [, type] of text.matchAll(/\{"type":"(\w+)"/g))
        seen.set(`${type}`, (seen.get(`${type}`) ?? 0) + 1);
      if (count % LOOK_EVERY === 0) await server.assertUnharmed();
    }),
    parametersFor(t, budgetMs),
  );
  await server.assertOver();
  t.diagnostic(
    `${count} sockets: ${JSON.stringify(Object.fromEntries([...seen].sort(([a], [b]) => (a < b ? -1 : 1))))}`,
  );
  for (const outcome of HEARD) assert.ok(seen.has(outcome), `no socket met ${outcome}`);
  return count;
}
