import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test, type TestContext } from "node:test";
import type { BlobStore, StoredThing } from "@parlor/server";

export interface BlobStoreContract {
  /** As it stands in the names of the tests. */
  readonly name: string;
  /** Two ends of one store, as two processes would have them; `reopen` gives a third that begins anew. */
  readonly create: () => Promise<{
    readonly ends: readonly [BlobStore, BlobStore];
    readonly reopen: () => Promise<BlobStore>;
    readonly dispose: () => Promise<void>;
  }>;
}

/**
 * Every sentence of the port `BlobStore`, as tests. An implementation calls this from its own
 * `…contract.test.ts`, and passes or is no `BlobStore`.
 */
export function describeBlobStoreContract({ name, create }: BlobStoreContract): void {
  const open = async (t: TestContext) => {
    const opened = await create();
    t.after(opened.dispose);
    const [store, other] = opened.ends;
    return { store, other, reopen: opened.reopen };
  };

  describe(`${name}: the contract of blob stores`, { timeout: 60_000 }, () => {
    test("[BLOB-1] a blob is its parts in their order, named by the SHA-256 of its bytes, and read from anywhere", async (t) => {
      const { store, other } = await open(t);
      const parts = [];
      for (const text of ["one ", "two ", "three"]) parts.push(await put(store, text));
      const [first, second, third] = parts as [string, string, string];
      assert.deepEqual(await other.assemble([first, second, third]), named("one two three"));
      assert.deepEqual(await store.assemble([third, first]), named("threeone "));
      assert.deepEqual(await store.assemble([]), named(""));
      const { hash } = named("one two three");
      for (const end of [store, other]) assert.equal(await text(end.read(hash, 4, 9)), "two t");
      assert.equal(await text(store.read(hash, 0, 13)), "one two three");
      assert.equal(await text(store.read(hash, 5, 5)), "");
    });

    test("[BLOB-2] a part is never more than what fits; what comes behind that is not read", async (t) => {
      const { store } = await open(t);
      let asked = 0;
      const { part, bytes } = await store.putPart(
        (async function* () {
          for (; asked < 100; asked++) yield Buffer.from("abcdef");
        })(),
        10,
      );
      assert.equal(bytes, 10);
      assert.ok(asked <= 2, `${asked} chunks were read`);
      assert.deepEqual(await store.assemble([part]), named("abcdefabcd"));
    });

    test("[BLOB-3] where the bytes break off with a fault nothing is kept, and the fault is told", async (t) => {
      const { store } = await open(t);
      const broken = store.putPart(
        (async function* () {
          yield Buffer.from("half");
          throw new Error("the line broke");
        })(),
        100,
      );
      await assert.rejects(broken, /the line broke/);
      assert.deepEqual(await things(store), []);
    });

    test("[BLOB-4] the same bytes are stored once, however often and wherever they are assembled, and are as new", async (t) => {
      const { store, other } = await open(t);
      const [a, b] = [await put(store, "the same"), await put(other, "the same")];
      const made = await Promise.all([store.assemble([a]), other.assemble([b]), store.assemble([b])]);
      assert.deepEqual(made, [named("the same"), named("the same"), named("the same")]);
      const before = (await things(store)).filter(({ kind }) => kind === "blob");
      assert.equal(before.length, 1);
      await store.assemble([a]);
      const after = (await things(store)).filter(({ kind }) => kind === "blob");
      assert.equal(after.length, 1);
      assert.ok((after[0] as StoredThing).madeAt >= (before[0] as StoredThing).madeAt);
    });

    test("[BLOB-5] what is not there is said so: by null, false, or a code; no name leads elsewhere", async (t) => {
      const { store } = await open(t);
      const { hash } = named("nowhere");
      const names = [hash, "", "..", "../parts", `../${hash}`, hash.toUpperCase(), `${hash}\0`, "a/b"];
      const kept = await put(store, "kept");
      for (const name of names) {
        assert.equal(await store.size(name), null, name);
        assert.equal(await store.delete(name), false, name);
        await assert.rejects(text(store.read(name, 0, 10)), { code: "no-blob" });
        await assert.rejects(store.assemble([kept, name]), { code: "no-part" });
      }
      const blob = await store.assemble([kept]);
      await store.dropParts([...names, `../blobs/${blob.hash.slice(0, 2)}/${blob.hash}`]);
      assert.equal(await store.size(blob.hash), 4);
      assert.deepEqual(
        (await things(store)).map((thing) => thing.name),
        [kept, blob.hash],
      );
    });

    test("[BLOB-6] a deleted blob and a dropped part are gone for everybody; the parts of a blob are its own no more", async (t) => {
      const { store, other } = await open(t);
      const part = await put(store, "for a while");
      const { hash, size } = await store.assemble([part]);
      await other.dropParts([part]);
      await assert.rejects(store.assemble([part]), { code: "no-part" });
      assert.equal(await other.size(hash), size);
      assert.equal(await other.delete(hash), true);
      assert.equal(await store.delete(hash), false);
      assert.equal(await store.size(hash), null);
      assert.deepEqual(await things(store), []);
    });

    test("[BLOB-7] parts and blobs are there for who opens the store anew", async (t) => {
      const { store, reopen } = await open(t);
      const part = await put(store, "later");
      const { hash } = await store.assemble([await put(store, "lasting")]);
      const again = await reopen();
      assert.equal(await text(again.read(hash, 0, 7)), "lasting");
      assert.deepEqual(await again.assemble([part]), named("later"));
      assert.ok((await again.freeBytes()) > 0);
    });

    test("[BLOB-8] bytes that come in pieces of any size, several blobs at once, are each whole", async (t) => {
      const { store, other } = await open(t);
      const contents = Array.from({ length: 8 }, (_, i) => Buffer.alloc(70_000 * (i + 1) + i, `${i}-`));
      await Promise.all(
        contents.map(async (content, i) => {
          const end = i % 2 === 0 ? store : other;
          const { part, bytes } = await end.putPart(pieces(content, 1_000 * i + 7), Infinity);
          assert.equal(bytes, content.length);
          const { hash, size } = await end.assemble([part]);
          assert.equal(size, content.length);
          assert.equal(hash, createHash("sha256").update(content).digest("hex"));
          assert.equal(await digest(store.read(hash, 0, size)), hash);
        }),
      );
    });
  });
}

async function put(store: BlobStore, content: string): Promise<string> {
  return (await store.putPart(pieces(Buffer.from(content), 3), 1_000_000)).part;
}

async function* pieces(content: Buffer, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
}

async function things(store: BlobStore): Promise<readonly StoredThing[]> {
  const all = [];
  for await (const thing of store.list()) all.push(thing);
  return all;
}

async function text(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function digest(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of bytes) hash.update(chunk);
  return hash.digest("hex");
}

function named(content: string): { hash: string; size: number } {
  return {
    hash: createHash("sha256").update(content).digest("hex"),
    size: Buffer.byteLength(content),
  };
}
