import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test, type TestContext } from "node:test";
import type { StoredMessage } from "@parlor/log";
import { SearchStore } from "./search-store.ts";

function message(offset: number, body: unknown, from = "ada", re?: number): StoredMessage {
  const told = re === undefined ? {} : { re };
  return {
    offset,
    from,
    producer: "p",
    seq: offset,
    at: 1_763_000_000_000 + offset,
    bodyJson: JSON.stringify(body),
    ...told,
  };
}

function open(t: TestContext, path = ":memory:"): SearchStore {
  const store = new SearchStore(path, 0);
  t.after(() => store.close());
  return store;
}

async function take(store: SearchStore, room: string, messages: readonly StoredMessage[]): Promise<void> {
  const before = store.positions.find(room);
  const after = { epoch: "e", offset: messages.at(-1)?.offset ?? 0, at: 1 };
  assert.deepEqual(await store.take({ kind: "messages", room, before, after, messages }), { kind: "taken" });
}

function ask(store: SearchStore, offset: number, epoch = "e", room = "lobby") {
  return store.unread({ rooms: [{ room, epoch, offset }], identity: "me", name: "Bob" });
}

describe("what is unread", () => {
  test("[UNREAD-1] is what others wrote behind one's place and is still there, with what of it names one, up to where the reader is", async (t) => {
    const store = open(t);
    await take(store, "lobby", [
      message(1, { text: "hello" }),
      message(2, { from: "a program" }),
      message(3, { text: "one's own" }, "me"),
      message(4, { text: "@Bob, are you there?" }),
      message(5, { any: ["JSON", "of a program"] }),
      message(6, { text: "said by mistake" }),
      message(7, { delete: true }, "ada", 6),
      message(8, { text: "", files: [] }),
      message(9, { edit: "hello @Bob" }, "ada", 8),
      message(11, "plain, and not @Bobby"),
    ]);
    await take(store, "other", [message(1, { text: "@Bob" })]);
    const all = { room: "lobby", epoch: "e", upTo: 11, unread: [1, 2, 4, 5, 8, 11], mentions: [4, 8] };
    assert.deepEqual(ask(store, 0), [all]);
    assert.deepEqual(ask(store, 5), [{ ...all, unread: [8, 11], mentions: [8] }]);
    assert.deepEqual(ask(store, 11), [{ ...all, unread: [], mentions: [] }]);
    // Of another history than was read all is new; of a room that no reader has been to nothing is known.
    assert.deepEqual(ask(store, 11, "earlier"), [all]);
    assert.deepEqual(ask(store, 0, "e", "nowhere"), []);
    await store.take({ kind: "erased", room: "lobby", offsets: [4, 5] });
    assert.deepEqual(ask(store, 0)[0]?.unread, [1, 2, 8, 11]);
    await store.take({ kind: "trimmed", room: "lobby", earliest: 9 });
    assert.deepEqual(ask(store, 0)[0]?.unread, [11]);
    await store.take({ kind: "forgotten", room: "lobby", position: null });
    assert.deepEqual(ask(store, 0), []);
  });

  test("[UNREAD-1] of very many the newest hundred are told", async (t) => {
    const store = open(t);
    const many = Array.from({ length: 300 }, (_, i) =>
      message(i + 1, i % 3 === 0 ? { n: i } : { text: `${i}` }),
    );
    await take(store, "lobby", many);
    assert.deepEqual(
      ask(store, 0)[0]?.unread,
      Array.from({ length: 100 }, (_, i) => 201 + i),
    );
  });

  test("[UNREAD-2] an index that was made before this was counted is made anew", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "parlor-unread-"));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, "search.db");
    const earlier = new SearchStore(path, 0);
    await take(earlier, "lobby", [message(1, { n: 1 }), message(2, { text: "tea" })]);
    earlier.close();
    const file = new DatabaseSync(path);
    file.exec("DROP TABLE wordless; DROP TABLE made");
    file.close();
    const store = open(t, path);
    assert.equal(store.positions.find("lobby"), null);
    await take(store, "lobby", [message(1, { n: 1 }), message(2, { text: "tea" })]);
    assert.deepEqual(ask(store, 0)[0]?.unread, [1, 2]);
    const { hits } = store.search({
      text: "tea",
      rooms: ["lobby"],
      from: null,
      since: null,
      until: null,
      limit: 9,
    });
    assert.equal(hits.length, 1);
  });
});
