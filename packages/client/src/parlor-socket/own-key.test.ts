import assert from "node:assert/strict";
import { test } from "node:test";
import { isIdentityKey } from "@parlor/protocol";
import type { KeyStorage } from "../key-storage.ts";
import { ownKey } from "./own-key.ts";
import { ParlorSocket } from "./parlor-socket.ts";

const KEPT = "k".repeat(43);

test("[PSOCKET-11] a socket has the key that is kept, and where none can be kept one for itself", () => {
  const kept = new Map<string, string>();
  const storage: KeyStorage = {
    read: (origin) => kept.get(origin) ?? null,
    write: (origin, key) => void kept.set(origin, key),
  };
  const first = ownKey(storage, "http://a");
  assert.deepEqual(
    [isIdentityKey(first), kept.get("http://a"), ownKey(storage, "http://a")],
    [true, first, first],
  );
  kept.set("http://a", KEPT);
  assert.equal(ownKey(storage, "http://a"), KEPT);
  const blocked = (): never => {
    throw new Error("blocked");
  };
  const without = [null, { read: blocked, write: blocked }, { read: () => null, write: () => undefined }];
  for (const none of without) assert.ok(isIdentityKey(ownKey(none, "http://a")));
});

test("[PSOCKET-11] what is no key is a TypeError, of the constructor and of the class for the global's place", () => {
  const options = { key: "short" };
  const url = "ws://127.0.0.1:1/rooms/a";
  assert.throws(() => new ParlorSocket(url, [], { resume: ["ws://127.0.0.1:1"], ...options }), TypeError);
  assert.throws(() => ParlorSocket.resuming(["ws://127.0.0.1:1"], options), TypeError);
});
