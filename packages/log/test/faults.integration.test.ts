import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { SqliteLog } from "@parlor/log";
import { Child, canRun } from "./child.ts";

const ALL = { maxMessages: 1_000_000, maxBytes: Infinity };
const STRACE = canRun("strace", ["-qq", "-e", "inject=fsync:error=EIO:when=9", "true"])
  ? false
  : "strace can't run here";
const NAMESPACES = canRun("unshare", ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"])
  ? false
  : "this user can't mount a small disk here";

describe("faults of the disk", { timeout: 60_000 }, () => {
  let folder: string;
  const children: Child[] = [];
  const start = (args: readonly string[], wrapper: readonly string[]): Child => {
    const child = new Child(args, wrapper);
    children.push(child);
    return child;
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "parlor-faults-"));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) await child.kill();
    await rm(folder, { recursive: true, force: true });
  });

  for (const call of ["fsync", "pwrite64"]) {
    test(`[LOG-33] after a failed ${call} nothing is acknowledged any more, and reads go on`, {
      skip: STRACE,
    }, async () => {
      // Calls count for each thread; the file itself is made with fewer.
      const when = call === "fsync" ? 60 : 400;
      const inject = `inject=${call}:error=EIO:when=${when}`;
      const child = start(
        ["fail", folder, "5"],
        ["strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", `trace=${call}`, "-e", inject],
      );
      const { read = [] } = await child.said((line) => line.read !== undefined);
      assert.equal(await child.exited, 0);
      const acked = child.lines.flatMap((line) => line.acked ?? []);
      assert.ok(acked.length > 0);
      assert.deepEqual(
        read,
        acked.map(({ seq }) => seq),
      );
      const refusals = child.lines.flatMap((line) => (line.refused === undefined ? [] : [line]));
      assert.equal(refusals.length, 6);
      for (const { refused, status } of refusals) {
        assert.equal(refused?.code, "unavailable");
        assert.match(refused.message, /disk failed/);
        assert.equal(status?.kind, "failed");
      }
      const lastAck = child.lines.findLastIndex((line) => line.acked !== undefined);
      const firstRefusal = child.lines.findIndex((line) => line.refused !== undefined);
      assert.ok(lastAck < firstRefusal);
      const log = await SqliteLog.open({ folder });
      const { messages } = await log.read("lobby", 0, ALL);
      assert.ok(messages.length === acked.length || messages.length === acked.length + 1);
      await log.close();
    });
  }

  test("[LOG-35] while the disk stalls, an append waits and reads do not", { skip: STRACE }, async () => {
    const inject = "inject=fsync:delay_enter=3000000:when=40";
    const child = start(
      ["stall", folder],
      ["strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "-e", inject],
    );
    const { overtook } = await child.said((line) => line.overtook !== undefined);
    await child.said((line) => line.acked?.seq === overtook);
    assert.equal(await child.exited, 0);
    // By the order of its lines, since this process may be later than the stall is long.
    const at = child.lines.findIndex((line) => line.overtook !== undefined);
    assert.ok(at < child.lines.findIndex((line) => line.acked?.seq === overtook));
  });

  test("[LOG-34] a full disk refuses appends in words, keeps serving reads, and recovers by itself", {
    skip: NAMESPACES,
  }, async () => {
    // The small disk exists only in the child's own namespace, and goes with it.
    const wrapper = [
      "unshare",
      "-rm",
      "sh",
      "-c",
      'mount -t tmpfs -o size=8m tmpfs "$0" && exec "$@"',
      folder,
    ];
    const child = start(["fill", folder], wrapper);
    const { statuses, integrity, read = [] } = await child.said((line) => line.statuses !== undefined);
    assert.equal(await child.exited, 0);
    assert.deepEqual(statuses, ["full", "ready"]);
    assert.equal(integrity, "ok");
    const [readWhileFull] = child.lines.flatMap((line) => (line.read === undefined ? [] : [line.read]));
    const refusals = child.lines.flatMap((line) => line.refused ?? []);
    assert.equal(refusals.length, 2);
    for (const { code, message } of refusals) {
      assert.equal(code, "unavailable");
      assert.match(message, /disk is full/);
    }
    const acked = child.lines.flatMap((line) => line.acked?.seq ?? []);
    assert.deepEqual(read, acked);
    assert.deepEqual(readWhileFull, acked.slice(0, -20));
    assert.deepEqual(
      acked,
      acked.map((_, index) => index + 1),
    );
  });
});
