import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { MemoryLog } from "@parlor/log";
import { type FilesEnd, openFolderFiles, openSharedFiles } from "./files-end.ts";
import { FolderBlobStore } from "./folder-blob-store.ts";
import type { FileLimits, FileUse } from "./ledger-records.ts";
import { findFiles, missingFiles, moveFileBytes, moveLedger } from "./move-files.ts";
import { verifyFiles } from "./verify-files.ts";

const NO_LIMITS: FileLimits = {
  ...{
    maxFileBytes: Infinity,
    maxRoomBytes: Infinity,
    maxIdentityBytes: Infinity,
    maxWaitingBytes: Infinity,
  },
  ...{ maxTotalBytes: Infinity, maxAnnouncedBytes: Infinity, maxUploadsPerIdentity: 99 },
  ...{ maxUploadsPerAddress: 99, maxCuts: 9 },
};
const BROKEN = new Error("as if the process had been killed");

async function* bytesOf(content: Buffer): AsyncGenerator<Uint8Array> {
  yield content;
}

let uploads = 0;

/** Uploads a file to a room, as a server does; its hash. */
async function upload({ store, ledger }: FilesEnd, room: string, content: Buffer): Promise<string> {
  const id = `upload${++uploads}`;
  const size = content.length;
  const begun = { id, room, identity: "ada", address: "here", size, atMs: 1 };
  assert.equal(await ledger.calls.begin(begun, NO_LIMITS), "begun");
  const { part } = await store.putPart(bytesOf(content), Infinity);
  assert.ok(await ledger.calls.take(id, 0, part, size, 2));
  const { hash } = await store.assemble([part]);
  const file = { hash, size, type: "image/png", width: 3, height: 4 };
  assert.equal((await ledger.calls.finish(id, file, 7, 3)).kind, "linked");
  await store.dropParts([part]);
  return hash;
}

for (const [name, openOther] of [
  ["from a folder to a log", async (folder: string) => sharedIn(folder)],
  ["from folder to folder", (folder: string) => openFolderFiles(folder)],
] as const) {
  describe(`files that are copied ${name}`, () => {
    let folder: string;
    let source: FilesEnd;
    let target: FilesEnd;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), "parlor-files-"));
      source = await openFolderFiles(join(folder, "from"));
      target = await openOther(join(folder, "to"));
    });
    afterEach(async () => {
      await source[Symbol.asyncDispose]();
      await target[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    });

    const copy = async (isHeld: (use: FileUse) => boolean = () => false): Promise<readonly number[]> => {
      const found = await findFiles(source);
      const told: number[] = [];
      const lost = await moveFileBytes(source, target, await missingFiles(target, found), (done) =>
        told.push(done),
      );
      await moveLedger(
        source,
        target,
        async (use) => isHeld(use),
        () => 9,
      );
      await verifyFiles(source, target, found, new Set(lost), () => undefined);
      return told;
    };
    const has = async (hash: string): Promise<boolean> => (await target.store.size(hash)) !== null;

    test("[COPY-11] bytes, which room has them, which messages hold them, and uploads that wait for a message are the same", async () => {
      const shared = randomBytes(300_000);
      const [here, there] = [await upload(source, "a", shared), await upload(source, "b", shared)];
      assert.equal(here, there);
      const waiting = await upload(source, "a", Buffer.from("for the next message"));
      for (let message = 1; message <= 3; message++)
        await source.ledger.calls.use("a", message, "ada", [here]);
      await source.ledger.calls.use("b", 5, "bob", [here]);
      const secret = await source.ledger.calls.passSecret();
      const told = await copy();
      assert.deepEqual([told.length, told.at(-1)], [2, 300_020]);
      for (const [room, hash] of [
        ["a", here],
        ["b", here],
        ["a", waiting],
      ] as const) {
        const file = await source.ledger.calls.copiedFile(room, hash);
        assert.ok(file !== null);
        assert.deepEqual(await target.ledger.calls.copiedFile(room, hash), file);
      }
      assert.equal(await target.ledger.calls.passSecret(), secret, "passes to files hold on");
      assert.deepEqual(await target.ledger.calls.totals(), await source.ledger.calls.totals());
      assert.deepEqual(await copy(), [], "what is there is not copied again");
      // The target goes on as the source would: the last message takes the file with it.
      for (const message of [1, 2, 3])
        assert.deepEqual(await target.ledger.calls.release("a", message, 9), []);
      assert.deepEqual(await target.ledger.calls.release("b", 5, 9), [here]);
    });

    test("[COPY-11] said again it brings what is new, and deletes files whose messages are gone", async () => {
      const [kept, gone] = [
        await upload(source, "a", Buffer.from("kept")),
        await upload(source, "a", Buffer.from("gone")),
      ];
      await source.ledger.calls.use("a", 1, "ada", [kept]);
      await copy();
      await source.ledger.calls.use("a", 2, "ada", [gone]);
      await copy();
      assert.equal(
        (await target.ledger.calls.copiedFile("a", gone))?.uploads.length,
        0,
        "a message has spent it",
      );
      // By a server on the target, in the meantime.
      const own = await upload(target, "c", Buffer.from("its own"));
      await target.ledger.calls.use("c", 1, "eve", [own]);
      assert.deepEqual(await source.ledger.calls.release("a", 2, 9), [gone]);
      await source.store.delete(gone);
      const late = await upload(source, "b", Buffer.from("late"));
      const asked: string[] = [];
      await copy(({ room }) => asked.push(room) > 0 && room === "c");
      assert.deepEqual(asked, ["a", "c"]);
      const there = await Promise.all([kept, late, own, gone].map(has));
      assert.deepEqual(there, [true, true, true, false]);
      assert.equal(await target.ledger.calls.copiedFile("a", gone), null);
    });

    test("[COPY-11] what breaks off goes on with the file at which it stood; nothing of half a file is there", async () => {
      for (let i = 0; i < 3; i++) await upload(source, "a", Buffer.alloc(1_000, i));
      const read = source.store.read.bind(source.store);
      let reads = 0;
      source.store.read = async function* (hash, start, end) {
        yield* read(hash, start, 500);
        if (++reads === 2) throw BROKEN;
        yield* read(hash, 500, end);
      };
      await assert.rejects(copy(), BROKEN);
      const { blobs } = await findFiles(source);
      const there = await Promise.all(blobs.map(({ hash }) => target.store.size(hash)));
      assert.deepEqual(there, [1_000, null, null]);
      assert.deepEqual(await copy(), [1_000, 2_000], "of two that are left");
    });

    test("[COPY-11] bytes that are not what their hash says, on either side, are named; what is lost is passed over", async () => {
      const content = Buffer.from("as it was");
      const hash = await upload(source, "a", content);
      const lost = await upload(source, "a", Buffer.from("lost"));
      await source.store.delete(lost);
      // As where the leader of a stream knows nothing of what the other copies have.
      source.store.size = async () => null;
      const path = join(folder, "from", "blobs", hash.slice(0, 2), hash);
      await writeFile(path, "as it is ");
      await assert.rejects(copy(), {
        code: "damaged",
        message: new RegExp(`^the file ${hash} in .+ is not what it was`),
      });
      await writeFile(path, content);
      await copy();
      assert.equal(createHash("sha256").update(content).digest("hex"), hash);
      const copied = join(folder, "to", "blobs", hash.slice(0, 2), hash);
      await writeFile(copied, "as it is ");
      await assert.rejects(copy(), { code: "not-the-same", message: /had other bytes in/ });
      await copy();
      assert.ok(await has(hash));
      const found = await findFiles(source);
      await target.store.delete(hash);
      await assert.rejects(missingFiles({ ...target, maxFileBytes: 5 }, found), { code: "too-large" });
      target.store.freeBytes = async () => 12;
      await assert.rejects(missingFiles(target, found), {
        code: "full",
        message: /^the files need 13 bytes, and 12 are free for /,
      });
      assert.deepEqual(await readdir(join(folder, "to", "parts")), []);
    });
  });
}

async function sharedIn(folder: string): Promise<FilesEnd> {
  const store = await FolderBlobStore.open(folder);
  const log = new MemoryLog();
  return await openSharedFiles({ words: folder, store, maxFileBytes: Infinity, log }, () => log.close());
}
