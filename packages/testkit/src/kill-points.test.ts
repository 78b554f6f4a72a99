import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { killAt, killedAt, KILL_POINTS, type KillPoint } from "./kill-points.ts";

const DATABASE = "/data/parlor.db";
const WAL = `7<${DATABASE}-wal>`;
const SHM = `8<${DATABASE}-shm>`;
const LOCK = `fcntl(${SHM}, F_SETLK, {l_type=F_WRLCK, l_start=120, l_len=1})`;
const UNLOCK = `fcntl(${SHM}, F_SETLK, {l_type=F_UNLCK, l_start=120, l_len=1})`;
const WRITE = `pwrite64(${WAL}, ""..., 24, 32)`;
const SYNC = `fsync(${WAL})`;
const COMMIT = [LOCK, WRITE, WRITE, SYNC, UNLOCK, UNLOCK];

/** A trace of one thread's calls, of which the last never returned. */
function traced(calls: readonly string[], thread = 10): string {
  const lines = calls.map((call, i) => `${thread}  ${call} = ${i === calls.length - 1 ? "?" : 0}`);
  return `${lines.join("\n")}\n${thread}  +++ killed by SIGKILL +++\n`;
}

function read(t: TestContext, point: KillPoint, nth: number, text: string): KillPoint | null {
  const folder = mkdtempSync(join(tmpdir(), "parlor-kill-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const trace = join(folder, "trace");
  writeFileSync(trace, text);
  return killedAt({ point, nth, database: DATABASE, trace });
}

describe("killedAt", () => {
  const cases: readonly [KillPoint, KillPoint | null, number, readonly string[], string][] = [
    ["before-write", "before-write", 4, [...COMMIT, LOCK], "a lock that begins a commit"],
    ["before-write", "after-sync-before-answer", 2, COMMIT.slice(0, 5), "the first lock behind a sync"],
    ["after-sync-before-answer", "after-sync-before-answer", 3, COMMIT, "the second lock behind a sync"],
    ["before-write", null, 2, [LOCK, LOCK], "a thread that never wrote"],
    ["amid-writes", "before-write", 3, [...COMMIT.slice(0, 4), WRITE], "the first write behind a sync"],
    ["amid-writes", "amid-writes", 2, [WRITE, WRITE], "a write behind another"],
    ["after-write-before-sync", "after-write-before-sync", 1, [WRITE, SYNC], "the sync of a write"],
    ["after-write-before-sync", null, 2, [WRITE, SYNC, SYNC], "a sync of nothing"],
    [
      "during-checkpoint",
      "during-checkpoint",
      1,
      [`pwrite64(9<${DATABASE}>, ""..., 4096, 0)`],
      "a write of the file",
    ],
    ["checkpoint-before-sync", "checkpoint-before-sync", 1, [`fsync(9<${DATABASE}>)`], "a sync of the file"],
  ];
  for (const [aim, point, nth, calls, what] of cases) {
    test(`[KIT-4] ${what} is ${point ?? "no point"}`, (t) => {
      assert.equal(read(t, aim, nth, traced(calls)), point);
    });
  }

  test("[KIT-4] calls count in each thread, and one that another thread was in is not the kill", (t) => {
    const reader = `11  ${SYNC} = 0\n11  fsync(${WAL} <unfinished ...>\n`;
    assert.equal(
      read(t, "after-write-before-sync", 1, reader + traced([WRITE, SYNC])),
      "after-write-before-sync",
    );
    assert.equal(read(t, "after-write-before-sync", 3, reader + traced([WRITE, SYNC])), null);
  });

  test("[KIT-4] a life that never came to the call met no point", (t) => {
    assert.equal(read(t, "after-write-before-sync", 2, traced([WRITE, SYNC])), null);
    assert.equal(read(t, "amid-writes", 1, ""), null);
  });

  test("[KIT-4] each point is a command that traces the files of its calls only, and kills at one of them", () => {
    for (const point of KILL_POINTS) {
      const command = killAt({ point, nth: 7, database: DATABASE, trace: "/tmp/trace" }, [
        "node",
        "server.ts",
      ]);
      assert.deepEqual(command.slice(-2), ["node", "server.ts"]);
      assert.ok(
        command.includes("-D") && command.some((each) => /^inject=.*:signal=SIGKILL:when=7$/.test(each)),
      );
      const paths = command.filter((_, i) => command[i - 1] === "-P");
      assert.ok(paths.length > 0 && paths.every((path) => path.startsWith(DATABASE)), point);
    }
  });
});
