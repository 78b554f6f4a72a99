import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { LocalKeyStorage, loadKey, platformKeyStorage, type KeyStorage } from "./key-storage.ts";

const ORIGIN = "http://h:1";
const KEPT = "k".repeat(43);

class Memory implements KeyStorage {
  readonly kept = new Map<string, string>();
  read(origin: string): string | null {
    return this.kept.get(origin) ?? null;
  }
  write(origin: string, key: string): void {
    this.kept.set(origin, key);
  }
}

describe("a key", () => {
  test("[CLIENT-30] a fresh one has 43 characters, is kept, and is the same at the next start", () => {
    const storage = new Memory();
    const { key, origin } = loadKey(storage, ORIGIN);
    assert.match(key, /^[A-Za-z0-9_-]{43}$/);
    assert.deepEqual(origin, { kind: "stored" });
    assert.equal(loadKey(storage, ORIGIN).key, key);
    assert.notEqual(loadKey(storage, "http://other").key, key);
  });

  test("[CLIENT-30] something else in its place is replaced", () => {
    const storage = new Memory();
    storage.kept.set(ORIGIN, "short");
    assert.equal(loadKey(storage, ORIGIN).key.length, 43);
    assert.equal(storage.kept.get(ORIGIN)?.length, 43);
  });

  test("[CLIENT-30] of two tabs that start together the later one's key counts for both", () => {
    const storage = new Memory();
    storage.write = () => void storage.kept.set(ORIGIN, KEPT);
    assert.equal(loadKey(storage, ORIGIN).key, KEPT);
  });

  test("[CLIENT-30] without a storage, or with one that refuses, it lives in memory and says why", () => {
    const none = loadKey(null, ORIGIN);
    assert.deepEqual(none.origin, { kind: "memory", reason: "There is no storage." });
    const blocked = new Memory();
    blocked.read = () => {
      throw new Error("denied");
    };
    assert.deepEqual(loadKey(blocked, ORIGIN).origin, {
      kind: "memory",
      reason: "The storage failed: denied",
    });
    const forgetful = new Memory();
    forgetful.write = () => undefined;
    assert.deepEqual(loadKey(forgetful, ORIGIN).origin, {
      kind: "memory",
      reason: "The storage did not keep the key.",
    });
    assert.equal(platformKeyStorage(), null, "Node has no page");
  });
});

describe("LocalKeyStorage", () => {
  const page = globalThis as { localStorage?: unknown; location?: unknown };

  afterEach(() => {
    Reflect.deleteProperty(page, "localStorage");
    Reflect.deleteProperty(page, "location");
  });

  test("[CLIENT-30] the page's own server has `parlor.key`, others have keys of their own", () => {
    const items = new Map<string, string>();
    const localStorage = {
      getItem: (name: string) => items.get(name) ?? null,
      setItem: (name: string, value: string) => void items.set(name, value),
    };
    Object.defineProperty(page, "localStorage", { value: localStorage, configurable: true });
    Object.defineProperty(page, "location", { value: { origin: ORIGIN }, configurable: true });
    const storage = new LocalKeyStorage();
    storage.write(ORIGIN, "own");
    storage.write("https://other", "theirs");
    assert.deepEqual(
      [...items],
      [
        ["parlor.key", "own"],
        ["parlor.key@https://other", "theirs"],
      ],
    );
    assert.equal(storage.read("https://other"), "theirs");
  });
});
