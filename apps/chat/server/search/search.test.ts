import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test, type TestContext } from "node:test";
import fc from "fast-check";
import type { StoredMessage } from "@parlor/log";
import type { SearchQuestion } from "./search-query.ts";
import { SearchStore } from "./search-store.ts";

const T0 = 1_763_000_000_000;
const DAY = 86_400_000;

function message(offset: number, body: unknown, more: Partial<StoredMessage> = {}): StoredMessage {
  const bodyJson = body === null ? null : JSON.stringify(body);
  return { offset, from: "ada", producer: "producer1", seq: offset, at: T0 + offset, bodyJson, ...more };
}

function open(t: TestContext, path = ":memory:"): SearchStore {
  const store = new SearchStore(path, 0);
  t.after(() => store.close());
  return store;
}

async function take(store: SearchStore, room: string, messages: readonly StoredMessage[]): Promise<void> {
  const before = store.positions.find(room);
  const after = { epoch: "e", offset: messages.at(-1)?.offset ?? 0, at: T0 };
  assert.deepEqual(await store.take({ kind: "messages", room, before, after, messages }), { kind: "taken" });
}

function ask(store: SearchStore, text: string, more: Partial<SearchQuestion> = {}): number[] {
  return store.search(question(text, more)).hits.map(({ offset }) => offset);
}

function question(text: string, more: Partial<SearchQuestion> = {}): SearchQuestion {
  return { text, rooms: ["lobby"], from: null, since: null, until: null, limit: 50, ...more };
}

describe("the search", () => {
  test("[SEARCH-1] finds words, phrases and beginnings, whatever their case, accents and writing", async (t) => {
    const store = open(t);
    const texts = [
      "Crème brûlée for dessert",
      "green tea, no milk",
      "tea that is green",
      "東京都に住んでいます",
      "Ａ wide letter",
      "plain",
    ];
    await take(
      store,
      "lobby",
      texts.map((text, index) => message(index + 1, { text, name: "Ada" })),
    );
    assert.deepEqual(ask(store, "creme BRULEE "), [1]);
    assert.deepEqual(
      ask(store, "green tea").sort((a, b) => a - b),
      [2, 3],
    );
    assert.deepEqual(ask(store, '"green tea"'), [2]);
    assert.deepEqual(ask(store, "des"), [1]);
    assert.deepEqual(ask(store, "des "), [], "what a space follows is a whole word");
    assert.deepEqual(ask(store, "京都"), [4]);
    assert.deepEqual(ask(store, "都京"), []);
    assert.deepEqual(ask(store, "a wide"), [5]);
    assert.deepEqual(ask(store, "no-milk"), [2]);
    assert.deepEqual(store.search(question("tea")).hits.find(({ offset }) => offset === 2)?.parts, [
      "green ",
      "tea",
      ", no milk",
    ]);
  });

  test("[SEARCH-1] emoji are words, and case is that of every language", async (t) => {
    const store = open(t);
    const texts = [
      "party 🎉 tonight",
      "well done 👍🏽",
      "my heart ❤️",
      "sunny ☀️",
      "the family 👩‍👩‍👧",
      "Straße",
      "σοφός",
      "か\u3099き",
      "ｶﾞｷ",
      "葛\u{e0100}城",
    ];
    await take(
      store,
      "lobby",
      texts.map((text, index) => message(index + 1, { text, name: "Ada" })),
    );
    assert.deepEqual(ask(store, "🎉"), [1]);
    assert.deepEqual(ask(store, "party 👍"), []);
    assert.deepEqual(ask(store, "👍"), [2], "whatever its colour");
    assert.deepEqual(ask(store, "❤️"), [3], "and no other one that has a variation selector");
    assert.deepEqual(ask(store, "❤"), [3]);
    assert.deepEqual([ask(store, "👩‍👩‍👧"), ask(store, "👩")], [[5], []]);
    assert.deepEqual([ask(store, "STRASSE"), ask(store, "straße")], [[6], [6]]);
    assert.deepEqual([ask(store, "ΣΟΦΟΣ "), ask(store, "σοφοσ")], [[7], [7]]);
    assert.deepEqual(ask(store, "がき"), [8], "what is composed finds what is not");
    assert.deepEqual(ask(store, "ガキ"), [9]);
    assert.deepEqual(ask(store, "葛城"), [10]);
    const [hit] = store.search(question("👍")).hits;
    assert.deepEqual(hit?.parts, ["well done ", "👍🏽"], "an emoji is marked whole");
  });

  test("[SEARCH-1] an index of which the words were made otherwise is made anew", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "parlor-search-"));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, "search.db");
    const earlier = new SearchStore(path, 0);
    await take(earlier, "lobby", [message(1, "tea")]);
    earlier.close();
    const same = new SearchStore(path, 0);
    assert.notEqual(same.positions.find("lobby"), null, "one of now is kept");
    same.close();
    const file = new DatabaseSync(path);
    file.exec("DROP TABLE made");
    file.close();
    assert.equal(open(t, path).positions.find("lobby"), null);
  });

  test("[SEARCH-1] what stands in plain texts is found, and what is no text of the chat is not", async (t) => {
    const store = open(t);
    await take(store, "lobby", [
      message(1, "plain words"),
      message(2, { words: 1 }),
      message(3, 5),
      message(4, { text: "about", name: "x" }, { re: 1 }),
    ]);
    assert.deepEqual([ask(store, "words"), ask(store, "about")], [[1], []]);
  });

  test("[SEARCH-2] whatever is typed is looked for and never obeyed (B60)", async (t) => {
    const store = open(t);
    await take(store, "lobby", [message(1, "one AND two")]);
    await take(store, "other", [message(1, "a secret one")]);
    for (const text of [
      'one" OR "secret',
      "room:r2 OR one",
      "* ^ NEAR(one two)",
      "one NOT two",
      '"',
      '""" - + { } ( )',
      "body : secret",
      "one*two",
      "' ; DROP TABLE messages",
      "\u0000",
      "\ud800",
    ]) {
      for (const { room } of store.search(question(text)).hits) assert.equal(room, "lobby", text);
    }
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        for (const { room } of store.search(question(text)).hits) assert.equal(room, "lobby");
      }),
      { numRuns: 500 },
    );
    assert.deepEqual(ask(store, "one and two"), [1]);
  });

  test("[SEARCH-3] an edit replaces the text, a deletion takes it out, and only their author's do", async (t) => {
    const store = open(t);
    await take(store, "lobby", [
      message(1, { text: "first words", name: "Ada" }),
      message(2, { edit: "stolen words" }, { re: 1, from: "eve" }),
      message(3, { edit: "second words" }, { re: 1 }),
      message(4, { edit: "third words" }, { re: 1 }),
      message(5, { delete: true }, { re: 1, from: "eve" }),
    ]);
    assert.deepEqual(
      ["first", "stolen", "second", "third"].map((word) => ask(store, word)),
      [[], [], [], [1]],
    );
    await store.take({ kind: "erased", room: "lobby", offsets: [4] });
    assert.deepEqual(
      ["first", "second", "third"].map((word) => ask(store, word)),
      [[], [1], []],
    );
    await take(store, "lobby", [message(6, { delete: true }, { re: 1 })]);
    assert.deepEqual(ask(store, "words"), []);
  });

  test("[SEARCH-3] what was deleted, erased or trimmed is in none of the index's files", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "parlor-search-"));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const store = open(t, join(folder, "search.db"));
    const secrets = ["xylophonist", "quarterstaff", "zeppelin", "marzipanned"];
    for (const room of ["lobby", "oubliette"]) {
      await take(
        store,
        room,
        Array.from({ length: 200 }, (_, index) =>
          message(index + 1, `${index < 4 ? secrets[index] : "filler"} ${room} text ${index}`),
        ),
      );
    }
    const kept = async (): Promise<string> =>
      (await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), "latin1")))).join(
        "",
      );
    assert.ok(secrets.every((secret) => store.search(question(secret)).hits.length === 1));
    await take(store, "lobby", [message(201, { delete: true }, { re: 3 })]);
    const brief = { from: "said-one-thing-only" };
    await take(store, "lobby", [message(202, "my only word here", brief)]);
    assert.ok((await kept()).includes(brief.from));
    await take(store, "lobby", [message(203, { delete: true }, { ...brief, re: 202 })]);
    await store.take({ kind: "trimmed", room: "lobby", earliest: 2 });
    await store.take({ kind: "forgotten", room: "oubliette", position: null });
    await store.take({ kind: "erased", room: "lobby", offsets: [2, 3] });
    const bytes = await kept();
    assert.deepEqual(
      secrets.map((secret) => bytes.includes(secret)),
      [false, false, false, true],
    );
    assert.equal(bytes.includes("oubliette"), false);
    assert.equal(bytes.includes(brief.from), false, "who has no message any more");
    assert.equal(store.positions.find("oubliette"), null);
  });

  test("[SEARCH-5] is narrowed to an author and a time, and puts what fits best and is newest first", async (t) => {
    const store = open(t);
    await take(store, "lobby", [
      message(1, "tea", { at: T0 }),
      message(2, "tea", { at: T0 + DAY, from: "bob" }),
      message(3, `tea ${"and other things ".repeat(20)}`, { at: T0 + 2 * DAY }),
      message(4, "teapot", { at: T0 + 3 * DAY }),
      message(5, "tea", { at: T0 + 3 * DAY }),
    ]);
    assert.deepEqual(ask(store, "tea", { from: "bob" }), [2]);
    assert.deepEqual(ask(store, "", { from: "bob" }), [2]);
    assert.deepEqual(ask(store, "", {}), []);
    assert.deepEqual(ask(store, "tea ", { since: T0 + DAY, until: T0 + 3 * DAY }), [2, 3]);
    assert.deepEqual(ask(store, "tea"), [5, 2, 1, 4, 3]);
    const some = store.search(question("tea", { limit: 2 }));
    assert.deepEqual([some.hits.length, some.more], [2, true]);
    assert.deepEqual(ask(store, "tea", { rooms: ["elsewhere"] }), []);
  });

  test("[SEARCH-5] the far end of a long text is found and marked, and makes it fit no better", async (t) => {
    const store = open(t);
    const long = `${"word ".repeat(2_000)}${"tea ".repeat(500)}`;
    await take(store, "lobby", [message(1, `a cup of tea ${"word ".repeat(50)}`), message(2, long)]);
    assert.deepEqual(ask(store, "tea"), [1, 2]);
    const [, found] = store.search(question("tea")).hits;
    assert.match(found?.parts.join("|") ?? "", /^… (word )+\|tea\| \|tea\|.*…$/);
  });

  test("[SEARCH-4] whatever happens to a room, the index equals one that was made from the log as it is", async () => {
    const word = fc.constantFrom("tea", "milk", "sugar", "crème", "茶");
    const act = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ kind: fc.constant("say"), text: word, from: fc.constantFrom("ada", "bob") }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constantFrom("edit", "delete", "erase"),
          text: word,
          from: fc.constantFrom("ada", "bob"),
          re: fc.nat(),
        }),
      },
      fc.record({ kind: fc.constant("trim"), re: fc.nat() }),
      fc.record({ kind: fc.constant("read") }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (acts) => {
        const store = new SearchStore(":memory:", 0);
        const fresh = new SearchStore(":memory:", 0);
        let log: StoredMessage[] = [];
        let [unread, next]: [StoredMessage[], number] = [[], 1];
        const read = async (): Promise<void> => {
          if (unread.length > 0) await take(store, "lobby", unread);
          unread = [];
        };
        const add = (body: unknown, from: string, re?: number): void => {
          const said = message(next, body, { from, ...(re === undefined ? {} : { re }) });
          next += 1;
          log.push(said);
          unread.push(said);
        };
        const erase = async (offsets: number[]): Promise<void> => {
          await read();
          log = log.map((each) => (offsets.includes(each.offset) ? { ...each, bodyJson: null } : each));
          await store.take({ kind: "erased", room: "lobby", offsets });
        };
        for (const one of acts) {
          const re = "re" in one && log.length > 0 ? (log[one.re % log.length]?.offset ?? 1) : 1;
          if (one.kind === "read") await read();
          else if (one.kind === "say") add({ text: one.text, name: "x" }, one.from);
          else if (log.length === 0) continue;
          else if (one.kind === "edit") add({ edit: one.text }, one.from, re);
          else if (one.kind === "erase") await erase([re]);
          else if (one.kind === "trim") {
            await read();
            log = log.filter(({ offset }) => offset >= re);
            await store.take({ kind: "trimmed", room: "lobby", earliest: re });
          } else {
            add({ delete: true }, one.from, re);
            // As the log does for who takes back their words.
            const target = log.find(({ offset }) => offset === re);
            if (target?.from !== one.from) continue;
            await erase([
              re,
              ...log
                .filter((each) => each.re === re && each.from === one.from && each.offset < next - 1)
                .map(({ offset }) => offset),
            ]);
          }
        }
        await read();
        await take(
          fresh,
          "lobby",
          log.filter(({ bodyJson }) => bodyJson !== null),
        );
        const dump = (from: SearchStore): unknown =>
          ["tea ", "milk ", "sugar ", "creme ", "茶"].map((text) => from.search(question(text)).hits);
        assert.deepEqual(dump(store), dump(fresh));
        store.close();
        fresh.close();
      }),
      { numRuns: 100 },
    );
  });
});
