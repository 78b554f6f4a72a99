import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { CodedError, systemClock } from "@parlor/base";
import { MemoryLog, type RoomLog } from "@parlor/log";
import { seededRandom } from "@parlor/testkit";
import { type ActRecord, ACTS_ROOM } from "./act-record.ts";
import { Compaction } from "./compaction.ts";
import { eraseWords } from "./effects.ts";
import { Journal } from "./journal.ts";
import { snapshotOf } from "./snapshot.ts";
import { newestSnapshot, SNAPSHOT_ROOM, writeSnapshot } from "./snapshot-room.ts";

/** Changes of the log, of which each can be the last one that a process gets done. */
const CHANGES = new Set<PropertyKey>(["append", "trim", "redact"]);

/** The log as a process has it whose calls `through` lets pass, or never answers. */
function seenBy(
  log: RoomLog,
  through: (name: PropertyKey, given: readonly unknown[]) => Promise<void>,
): RoomLog {
  // Calls of one process are taken in their order.
  let last = Promise.resolve();
  return new Proxy(log, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function" || name === "tail") {
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      }
      return async (...given: unknown[]): Promise<unknown> => {
        const turn = last.then(() => through(name, given));
        last = turn.catch(() => {});
        await turn;
        return await (value as (...given: unknown[]) => Promise<unknown>).apply(target, given);
      };
    },
  });
}

class Process {
  readonly journal: Journal;
  readonly compaction: Compaction;
  replaced = 0;

  private constructor(log: RoomLog, reading: RoomLog, aboveBytes: number) {
    const onFault = (fault: unknown): never => assert.fail(String(fault));
    this.journal = new Journal({
      log: reading,
      clock: systemClock,
      onFolded() {},
      onReplaced: () => void (this.replaced += 1),
      onWritten: () => this.compaction.consider(),
      onFault,
    });
    this.compaction = new Compaction({ log, journal: this.journal, aboveBytes, onFault });
  }

  static async open(t: TestContext, log: RoomLog, aboveBytes = 1, reading = log): Promise<Process> {
    const process = new Process(log, reading, aboveBytes);
    await process.journal.open();
    t.after(() => process.journal.close());
    return process;
  }

  get text(): string {
    return JSON.stringify(this.journal.state, (_key, value: unknown) =>
      value instanceof Map || value instanceof Set ? [...(value as Iterable<unknown>)] : value,
    );
  }
}

const report = (by: string, words: string): ActRecord => ({
  kind: "report",
  room: "club",
  key: `report-${by}`,
  by,
  offset: 1,
  reason: "spam",
  words,
  from: "di",
});

const SOME: readonly ActRecord[] = [
  { kind: "claim", room: "club", key: "owner", by: "ada" },
  { kind: "act", room: "club", key: "lock", by: "ada", id: "lock", act: { kind: "lock", on: true } },
  report("cy", "words of cy"),
  report("ben", "words of ben"),
  { kind: "hold", room: "club", key: "held", by: "di", body: { text: "words of di" }, re: null },
];

async function textIn(log: RoomLog): Promise<string> {
  const bounds = { maxMessages: 10_000, maxBytes: 100_000_000 };
  const pages = await Promise.all([ACTS_ROOM, SNAPSHOT_ROOM].map((room) => log.read(room, 0, bounds)));
  return pages.flatMap(({ messages }) => messages.map(({ bodyJson }) => bodyJson)).join("\n");
}

describe("acts that are summed up", () => {
  test("[MOD-27] who is killed behind whichever step loses nothing, and who begins then ends it", async (t) => {
    let steps = 0;
    for (let last = 0; ; last++) {
      const log = new MemoryLog();
      t.after(() => log.close());
      const writer = await Process.open(t, log, Infinity);
      for (const record of SOME) await writer.journal.write(record);
      steps = 0;
      let isWhole = true;
      const killed = seenBy(log, async (name) => {
        if (!CHANGES.has(name)) return;
        if (steps === last) {
          isWhole = false;
          await new Promise(() => {});
        }
        steps += 1;
      });
      const dying = await Process.open(t, killed);
      dying.compaction.consider();
      for (let i = 0; i < 100; i++) await new Promise((resolve) => setImmediate(resolve));
      const next = await Process.open(t, log);
      assert.equal(next.text, writer.text, `killed behind step ${last}`);
      await next.compaction.settle();
      assert.equal((await Process.open(t, log)).text, writer.text, `settled behind step ${last}`);
      // What comes next is summed up as if nothing had been.
      await next.journal.write(report("eve", "much ".repeat(800)));
      await next.compaction.idle();
      const { head, earliest } = await log.head(ACTS_ROOM);
      assert.equal(earliest, head + 1);
      assert.equal((await Process.open(t, log)).text, next.text);
      if (isWhole) break;
    }
    assert.ok(steps >= 7, `${steps} steps`);
  });

  test("[MOD-27] processes that sum up at the same time, in whatever order their steps come, lose nothing", async (t) => {
    let interleaved = 0;
    for (let seed = 0; seed < 25; seed++) {
      const random = seededRandom(`compaction ${seed}`);
      const log = new MemoryLog();
      t.after(() => log.close());
      const full = await Process.open(t, log, Infinity);
      for (const record of SOME) await full.journal.write(record);
      const writers: string[] = [];
      const slow = (): RoomLog =>
        seenBy(log, async (name, [given]) => {
          for (let turns = Math.floor(random() * 6); turns > 0; turns--)
            await new Promise((resolve) => setImmediate(resolve));
          const { room, producer } = given as { readonly room?: string; readonly producer: string };
          if (name === "append" && room === SNAPSHOT_ROOM) writers.push(producer);
        });
      for (let round = 0; round < 2; round++) {
        const processes = await Promise.all([1, 2, 3].map(() => Process.open(t, slow())));
        const pins = processes.map(async ({ journal, compaction }, i) => {
          const key = `pin-${round}-${i}`;
          const act = { kind: "pin", offset: 3 * round + i + 1 } as const;
          if (random() < 0.5) compaction.consider();
          await journal.write({ kind: "act", room: "club", key, by: "ada", id: key, act });
        });
        await Promise.all(pins);
        await Promise.all(processes.map(({ compaction }) => compaction.idle()));
        for (const { journal } of processes) journal.close();
      }
      const changes = writers.filter((id, i) => id !== writers[i - 1]).length;
      if (changes > new Set(writers).size) interleaved += 1;
      await full.journal.catchUp();
      assert.equal((await Process.open(t, log)).text, full.text, `seed ${seed}`);
    }
    assert.ok(interleaved > 0, "no two of them ever came between each other");
  });

  test("[MOD-27] a snapshot of which the log refused a piece is none", async (t) => {
    for (let refused = 0; refused < 4; refused++) {
      const log = new MemoryLog();
      t.after(() => log.close());
      const writer = await Process.open(t, log, Infinity);
      for (const record of SOME) await writer.journal.write(record);
      let appends = 0;
      const faulty = seenBy(log, async (name) => {
        if (name === "append" && appends++ === refused)
          throw new CodedError("unavailable", "The disk is full.");
      });
      await assert.rejects(writeSnapshot(faulty, snapshotOf(writer.journal.state)), { code: "unavailable" });
      assert.equal(await newestSnapshot(log), null);
      await writer.compaction.settle();
      assert.equal((await Process.open(t, log)).text, writer.text, `piece ${refused}`);
    }
  });

  test("[MOD-26] the log holds what acts came to and not what they were, and a start reads no more than that", async (t) => {
    const log = new MemoryLog();
    t.after(() => log.close());
    const { journal, compaction } = await Process.open(t, log, 20_000);
    await journal.write({ kind: "claim", room: "club", key: "owner", by: "ada" });
    let most = 0;
    for (let i = 0; i < 2_000; i++) {
      const act = { kind: "lock", on: i % 2 === 0 } as const;
      await journal.write({ kind: "act", room: "club", key: "lock", by: "ada", id: `${i}`, act });
      await journal.write({ kind: "done", room: "club", key: "lock" });
      if (i % 100 === 0) most = Math.max(most, (await textIn(log)).length);
    }
    await compaction.idle();
    assert.ok(most < 60_000, `${most} characters at most`);
  });

  test("[MOD-22] [MOD-27] words of whom is forgotten, and those of a message that does not wait any more, are in no snapshot, whole or not", async (t) => {
    const log = new MemoryLog();
    t.after(() => log.close());
    const { journal, compaction } = await Process.open(t, log);
    for (const record of SOME) await journal.write(record);
    await compaction.idle();
    await journal.write({ kind: "done", room: "club", key: "lock" });
    await compaction.idle();
    assert.match(await textIn(log), /words of cy/);
    await journal.write({ kind: "forget", identity: "cy" });
    await eraseWords(log, { by: "cy" });
    await compaction.idle();
    assert.doesNotMatch(await textIn(log), /words of cy/);
    const late = await Process.open(t, log);
    assert.deepEqual(
      [...(late.journal.state.rooms.get("club")?.reports.get(1)?.reporters.keys() ?? [])],
      ["ben"],
    );
    assert.equal(late.text, (await Process.open(t, log)).text);
    // A drop that is carried out before the next summing up is done.
    const drop = { kind: "drop", held: "held" } as const;
    await journal.write({ kind: "act", room: "club", key: "drop", by: "ada", id: "drop", act: drop });
    await journal.write({ kind: "done", room: "club", key: "drop" });
    await compaction.idle();
    await late.compaction.settle();
    assert.doesNotMatch(await textIn(log), /words of di/);
    assert.match(await textIn(log), /words of ben/);
  });

  test("[MOD-26] who missed acts that are not there any more goes on from what they came to, and says that everything may be new", async (t) => {
    const log = new MemoryLog();
    t.after(() => log.close());
    let gate: Promise<void> = Promise.resolve();
    const slow = seenBy(log, () => gate);
    const behind = await Process.open(t, log, Infinity, slow);
    const held = Promise.withResolvers<void>();
    gate = held.promise;
    const { journal, compaction } = await Process.open(t, log);
    for (const record of SOME) await journal.write(record);
    await compaction.idle();
    await journal.write({ kind: "done", room: "club", key: "lock" });
    await compaction.idle();
    held.resolve();
    await behind.journal.catchUp();
    assert.equal(behind.replaced > 0, true);
    assert.equal(behind.text, (await Process.open(t, log)).text);
    await log.trim(SNAPSHOT_ROOM, Infinity);
    await assert.rejects(Process.open(t, log), { code: "unavailable" });
  });
});
