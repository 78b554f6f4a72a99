import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { CodedError } from "@parlor/base";
import { MemoryLog } from "@parlor/log";
import { FakeClock, until } from "@parlor/testkit";
import type { ActRecord } from "./act-record.ts";
import { Journal } from "./journal.ts";

const PATIENCE_MS = 5_000;

/** What nobody may who has no link. */
const VOID: ActRecord = {
  kind: "act",
  room: "club",
  key: "k",
  by: "nobody",
  id: "id",
  act: { kind: "lock", on: true },
};

/** A log whose reads wait, or fail once, as the test wants. */
class SlowLog extends MemoryLog {
  gate: Promise<void> = Promise.resolve();
  failures = 0;

  override async read(...given: Parameters<MemoryLog["read"]>): ReturnType<MemoryLog["read"]> {
    await this.gate;
    if (this.failures > 0) {
      this.failures -= 1;
      throw new CodedError("unavailable", "The log is away.");
    }
    return super.read(...given);
  }
}

async function opened(t: TestContext) {
  const log = new SlowLog();
  const clock = new FakeClock();
  const faults: unknown[] = [];
  const journal = new Journal({ log, clock, onFolded() {}, onFault: (fault) => void faults.push(fault) });
  await journal.open();
  await journal.write({ kind: "claim", room: "club", key: "c", by: "ada" }, "c");
  t.after(async () => {
    journal.close();
    await log.close();
  });
  return { log, clock, journal, faults };
}

describe("the journal of acts", () => {
  test("[MOD-24] who asks the same again while it is on its way waits for what it comes to, and hears the same", async (t) => {
    const { log, journal } = await opened(t);
    const held = Promise.withResolvers<void>();
    log.gate = held.promise;
    const written = [journal.write(VOID, "k"), journal.write(VOID, "k")];
    let answered = 0;
    for (const each of written) void each.then(() => (answered += 1));
    // All that the log has to say has been said by then.
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(answered, 0, "answered before it was judged");
    held.resolve();
    const verdicts = (await Promise.all(written)).map(({ offset, verdict }) => [offset, verdict.ok]);
    assert.deepEqual(verdicts[0], verdicts[1]);
    assert.equal(verdicts[0]?.[1], false);
  });

  test("[MOD-24] acts that could not be read are read a moment later, without another one; who waits hears of the end", async (t) => {
    const { log, clock, journal, faults } = await opened(t);
    log.failures = 1;
    const written = journal.write({ kind: "claim", room: "den", key: "d", by: "ada" }, "d");
    assert.ok(await until(() => faults.length === 1, PATIENCE_MS));
    clock.advance(1_000);
    assert.equal((await written).verdict.ok, true);

    log.failures = Infinity;
    const never = journal.write({ kind: "claim", room: "hut", key: "h", by: "ada" }, "h");
    assert.ok(await until(() => faults.length === 2, PATIENCE_MS));
    journal.close();
    await assert.rejects(never, { code: "unavailable" });
  });
});
