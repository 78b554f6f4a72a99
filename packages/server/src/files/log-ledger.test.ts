import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { MemoryLog } from "@parlor/log";
import { until } from "@parlor/testkit";
import { FolderBlobStore } from "./folder-blob-store.ts";
import type { FileLimits, UploadedFile } from "./ledger-records.ts";
import { LEDGER_ROOM, LogLedger } from "./log-ledger.ts";

const LIMITS: FileLimits = {
  maxFileBytes: 100,
  maxRoomBytes: 100,
  maxIdentityBytes: Infinity,
  maxWaitingBytes: Infinity,
  maxTotalBytes: Infinity,
  maxAnnouncedBytes: Infinity,
  maxUploadsPerIdentity: Infinity,
  maxUploadsPerAddress: Infinity,
  maxCuts: 1_000,
};

function file(digit: string, size: number): UploadedFile {
  return { hash: digit.repeat(64), size, type: "text/plain", width: null, height: null };
}

/** Ledgers of processes that share a log and a store. */
async function shared(t: TestContext, snapshotEvery?: number) {
  const folder = await mkdtemp(join(tmpdir(), "parlor-ledger-"));
  const log = new MemoryLog();
  const store = await FolderBlobStore.open(join(folder, "store"));
  const opened: LogLedger[] = [];
  t.after(async () => {
    for (const ledger of opened) await ledger.close();
    await log.close();
    await rm(folder, { recursive: true });
  });
  const open = async (): Promise<LogLedger> => {
    const own = join(folder, `process-${opened.length}`);
    const ledger = await LogLedger.open({ log, store, folder: own, snapshotEvery });
    opened.push(ledger);
    return ledger;
  };
  return { log, store, open };
}

const upload = (id: string, size: number, room = "lobby") => ({
  ...{ id, room, identity: "ada", address: "here", size, atMs: 1 },
});

describe("a ledger of files in a log", () => {
  test("[CLUSTER-20] of changes at several processes each is one transaction among those of all, and all have the same ledger", async (t) => {
    const { open } = await shared(t);
    const [one, two] = [await open(), await open()];
    const begun = await Promise.all(
      Array.from({ length: 12 }, (_, i) => (i % 2 ? one : two).calls.begin(upload(`u${i}`, 10), LIMITS)),
    );
    assert.deepEqual(
      begun.filter((outcome) => outcome === "begun").length,
      10,
      "the room's limit holds for all together",
    );
    const id = `u${begun.indexOf("begun")}`;
    const taken = await Promise.all([
      one.calls.take(id, 0, "part-a", 10, 2),
      two.calls.take(id, 0, "part-b", 10, 2),
    ]);
    assert.notEqual(taken[0], taken[1], "of two that bring the same bytes one counts");
    const made = await two.calls.finish(id, file("a", 10), 0, 3);
    assert.deepEqual(made, { kind: "linked", parts: [taken[0] ? "part-a" : "part-b"] });
    assert.equal((await one.calls.link("lobby", file("a", 10).hash))?.size, 10);
    await one.calls.use("lobby", 5, "ada", [file("a", 10).hash]);
    assert.deepEqual(await two.calls.release("lobby", 5, 4, "eve"), [], "it is another's message");
    assert.deepEqual(await two.calls.release("lobby", 5, 4), [file("a", 10).hash]);
    assert.equal(await two.calls.link("lobby", file("a", 10).hash), null);
    assert.ok(await until(async () => (await one.calls.link("lobby", file("a", 10).hash)) === null, 20_000));
    assert.equal(await one.calls.passSecret(), await two.calls.passSecret());
    assert.deepEqual(await one.calls.totals(), await two.calls.totals());
    assert.deepEqual(await (await open()).calls.totals(), await two.calls.totals());
  });

  test("[CLUSTER-21] records are summed up and then forgotten, and who comes later, or was far behind, has all the same", async (t) => {
    const { log, store, open } = await shared(t, 10);
    const one = await open();
    for (let i = 0; i < 25; i++) {
      const hash = (i % 10).toString();
      await one.calls.begin(upload(`u${i}`, 1, `room-${i}`), LIMITS);
      await one.calls.finish(`u${i}`, file(hash, 1), 0, i);
    }
    const secret = await one.calls.passSecret();
    await one.close();
    const { earliest } = await log.head(LEDGER_ROOM);
    assert.ok(earliest > 30, `the first records are gone: ${earliest}`);
    const blobs = [];
    for await (const each of store.list()) blobs.push(each.name);
    assert.equal(blobs.length, 1, "one snapshot is kept, and nothing else of them");

    const two = await open();
    assert.equal((await two.calls.totals()).files, 25);
    assert.equal(await two.calls.passSecret(), secret);
    assert.deepEqual(await two.calls.unknown("blob", [...blobs, "f".repeat(64)]), ["f".repeat(64)]);
    assert.equal((await two.calls.begin(upload("more", 101), LIMITS)).toString(), "room");
  });

  test("[CLUSTER-21] a snapshot that is told of late, when another reaches further, is nobody's, and the other one stays", async (t) => {
    const { log, store, open } = await shared(t, 5);
    const one = await open();
    for (let i = 0; i < 10; i++) await one.calls.begin(upload(`u${i}`, 1), LIMITS);
    await one.close();
    const kept: string[] = [];
    for await (const { name } of store.list()) kept.push(name);
    assert.equal(kept.length, 1);
    const late = { kind: "snapshot", through: 2, blob: "f".repeat(64) };
    await log.append({
      ...{ room: LEDGER_ROOM, from: "@server", producer: "late", seq: 1, afterSeq: 0, remember: false },
      ...{ admit: "any", bodyJson: JSON.stringify(late) },
    });
    const two = await open();
    assert.equal((await two.calls.totals()).uploads, 10);
    assert.deepEqual(await two.calls.unknown("blob", [...kept, late.blob]), [late.blob]);
  });

  test("[CLUSTER-21] [CLUSTER-24] a snapshot is read where the store's leader says that there is none: another copy has it", async (t) => {
    const { store, open } = await shared(t, 5);
    const one = await open();
    for (let i = 0; i < 10; i++) await one.calls.begin(upload(`u${i}`, 1), LIMITS);
    await one.close();
    store.size = async () => null;
    assert.equal((await (await open()).calls.totals()).uploads, 10);
  });

  test("[CLUSTER-21] a room that has another history is read anew from its beginning", async (t) => {
    const { log, open } = await shared(t);
    const ledger = await open();
    await ledger.calls.begin(upload("before", 1), LIMITS);
    await log.delete(LEDGER_ROOM);
    assert.equal(await ledger.calls.begin(upload("after", 1), LIMITS), "begun");
    assert.equal(await ledger.calls.find("before", "lobby"), null);
    assert.equal((await ledger.calls.totals()).uploads, 1);
  });
});
