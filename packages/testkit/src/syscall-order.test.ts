import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseStrace } from "./strace-lines.ts";
import { acksBeforeDurable } from "./syscall-order.ts";

const WAL = "22</data/parlor.db-wal>";
const SOCKET = "27<socket:[58728]>";
const RECORDS = [{ marker: "mark-1-", answers: ['"seq":1,'] }];

const written = String.raw`11 1.000001 pwrite64(${WAL}, "\r\0\0mark-1-\2727", 4096, 56) = 4096`;
const otherWritten = String.raw`11 1.000001 pwrite64(${WAL}, "\r\0\0mark-2-", 4096, 56) = 4096`;
const synced = `11 1.000002 fsync(${WAL}) = 0`;
const acked = String.raw`10 1.000003 writev(${SOCKET}, [{iov_base="\201,", iov_len=2}, {iov_base="{\"type\":\"ack\",\"seq\":1,\"offset\":1}", iov_len=34}], 2) = 36`;

function judge(...lines: string[]): { early: string[]; answersSeen: number } {
  const { violations, answersSeen } = acksBeforeDurable(parseStrace(lines.join("\n")), RECORDS);
  assert.ok(violations.every(({ name }) => name === "ack-before-durable"));
  return { early: violations.map(({ message }) => message), answersSeen };
}

function assertEarly(reason: RegExp, ...lines: string[]): void {
  const { early } = judge(...lines);
  assert.equal(early.length, 1);
  assert.match(early[0] as string, reason);
}

describe("acksBeforeDurable", () => {
  test("[I6] written, synced, answered: nothing is wrong, and the answer was seen", () => {
    assert.deepEqual(judge(written, synced, acked), { early: [], answersSeen: 1 });
  });

  test("[I6] an answer before the sync is caught", () => {
    assertEarly(/line 2 .* no sync of the log had returned/, written, acked, synced);
  });

  test("[I6] an answer before the write is caught", () => {
    assertEarly(/written to the log only afterwards/, acked, written, synced);
  });

  test("[I6] an answer for what was never written is caught", () => {
    assertEarly(/never written/, otherWritten, synced, acked);
  });

  test("[I6] a sync before the write, a sync of another file and a sync that failed are no sync", () => {
    assertEarly(/no sync/, synced, written, acked);
    assertEarly(/no sync/, written, "11 1.000002 fsync(23</data/parlor.db>) = 0", acked);
    assertEarly(/no sync/, written, `11 1.000002 fsync(${WAL}) = -1 EIO (Input/output error)`, acked);
  });

  test("[I6] a sync that began before the write returned, or returned after the answer, is no sync", () => {
    const [begun, ended] = [
      `12 1.000001 fsync(${WAL} <unfinished ...>`,
      "12 1.000004 <... fsync resumed>) = 0",
    ];
    assertEarly(/no sync/, begun, written, ended, acked);
    assertEarly(/no sync/, written, begun, acked, ended);
    assert.deepEqual(judge(written, begun, ended, acked).early, []);
  });

  test("[I6] a write that is cut by another thread is put together", () => {
    const [begun, ended] = written.split(", 4096,") as [string, string];
    const cut = [
      `${begun} <unfinished ...>`,
      '10 1.000001 write(1</dev/pts/0>, "x", 1) = 1',
      `11 1.1 <... pwrite64 resumed>, 4096,${ended}`,
    ];
    assert.deepEqual(judge(...cut, synced, acked).early, []);
    assertEarly(/no sync/, cut[0] as string, synced, cut[2] as string, acked);
  });

  test("[I6] an answer that was begun and never returned counts", () => {
    assertEarly(/never written/, acked.replace(/\) = 36$/, " <unfinished ...>"));
  });

  test("an answer in a file is none", () => {
    assert.equal(judge(written, acked.replace(SOCKET, "1</tmp/out.txt>")).answersSeen, 0);
  });
});

describe("parseStrace", () => {
  test("reads threads, paths, data and results, with the pid in either form", () => {
    const [call] = parseStrace(String.raw`[pid    77] 1.5 pwrite64(9</a b>, "q\"\\\x41\101\0", 8, 0) = 8`);
    assert.deepEqual(call, {
      thread: "77",
      name: "pwrite64",
      path: "/a b",
      data: 'q"\\AA\0',
      numbers: [8, 0],
      result: 8,
      enteredAt: 0,
      returnedAt: 0,
    });
  });

  test("what a string holds is not taken for the result", () => {
    const [call] = parseStrace(
      '5 1.5 write(9</a>, ") = 0 <unfinished ...>", 22) = -1 ENOSPC (No space left on device)',
    );
    assert.equal(call?.result, -1);
  });

  test("lines that are no calls are left out", () => {
    const lines = [
      "strace: Process 5 attached",
      "5 1.5 --- SIGCHLD {si_signo=SIGCHLD} ---",
      "5 1.6 +++ exited with 0 +++",
      "",
      "5 1.7 <... fsync resumed>) = 0",
    ];
    assert.deepEqual(parseStrace(lines.join("\n")), []);
  });
});
