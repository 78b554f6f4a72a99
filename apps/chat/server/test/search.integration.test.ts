import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test, type TestContext } from "node:test";
import { ParlorClient } from "@parlor/client";
import { LogView } from "@parlor/log";
import { randomInteger, seededRandom, testSeed } from "@parlor/testkit";
import { SearchStore } from "../search/search-store.ts";
import type { RoomUnread } from "../search/unread-query.ts";
import { ParlorProcess, temporaryFolder, within } from "./parlor-process.ts";

interface Answer {
  readonly hits: readonly {
    readonly room: string;
    readonly offset: number;
    readonly parts: readonly string[];
  }[];
}

function folderOf(t: TestContext): string {
  const folder = temporaryFolder();
  t.after(() => folder[Symbol.dispose]());
  return folder.path;
}

async function started(
  t: TestContext,
  data: string,
  ...more: string[]
): Promise<{ server: ParlorProcess; url: string }> {
  const args = ["--data", data, "--port", "0", "--publish-per-second", "Infinity", ...more];
  const server = new ParlorProcess({ args });
  t.after(async () => {
    server.kill("SIGKILL");
    await server.end();
  });
  return { server, url: await server.url };
}

function clientOf(t: TestContext, url: string): ParlorClient {
  const client = new ParlorClient(url);
  t.after(() => client.close());
  return client;
}

/** Asks until the index has come that far: it follows the log, and does not hold it up. */
async function found(client: ParlorClient, params: object, count: number): Promise<Answer> {
  const until = async (): Promise<Answer> => {
    for (;;) {
      try {
        const answer = await client.request<Answer>("search", params);
        if (answer.hits.length === count) return answer;
      } catch (error) {
        if ((error as { code?: unknown }).code !== "rate-limited") throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  return within(until(), `the search never gave ${count} hits for ${JSON.stringify(params)}`);
}

const UNREAD_OF_A = { name: null, rooms: [{ room: "a", epoch: "another", offset: 0 }] };

/** All that an index file holds, as lines. */
function rowsOf(path: string): string[] {
  using db = new DatabaseSync(path, { readOnly: true });
  const rows = db
    .prepare(
      `SELECT r.name AS room, m."offset", a.identity, m.name, m.at, m.text FROM messages AS m
       JOIN rooms AS r ON r.id = m.room JOIN authors AS a ON a.id = m.author ORDER BY 1, 2`,
    )
    .all();
  return rows.map((row) => JSON.stringify(row));
}

describe("the search of the command", () => {
  test("[SEARCH-6] [UNREAD-3] killed in the middle of indexing, again and again, its index equals one that is made from the log", async (t) => {
    const seed = testSeed();
    t.diagnostic(`seed ${seed}`);
    const random = seededRandom(seed);
    const data = folderOf(t);
    let total = 0;
    for (let kill = 0; kill < 3; kill++) {
      const { server, url } = await started(t, data);
      const client = clientOf(t, url);
      const rooms = ["a", "b"].map((name) => client.room(name));
      for (let n = 0; n < 150; n++) {
        const about = n % 10 === 9 ? { re: n } : {};
        const body =
          n % 20 === 19
            ? { delete: true }
            : n % 10 === 9
              ? { edit: `edited ${n}` }
              : { text: `word${n} said`, name: "Ada" };
        await Promise.all(rooms.map((room) => room.publish(body, about)));
        total += 2;
        if (n > 100 && random() < 0.05) break;
      }
      // Wherever the indexing is by then, behind the last publish or far before it.
      await new Promise((resolve) => setTimeout(resolve, randomInteger(random, 0, 60)));
      client.close();
      server.kill("SIGKILL");
      await server.end();
    }
    const { server, url } = await started(t, data);
    const client = clientOf(t, url);
    await client.room("a").publish({ text: "the very last one", name: "Ada" });
    await client.room("b").publish({ text: "the very last one", name: "Ada" });
    await found(client, { text: "very last", rooms: ["a", "b"] }, 2);
    const unread = await client.request("unread", UNREAD_OF_A);
    const { identity } = client;
    client.close();
    server.kill("SIGTERM");
    await server.end();

    const path = join(data, "fresh.db");
    const fresh = new SearchStore(path, 0);
    using view = new LogView(data);
    for (const room of ["a", "b"]) {
      const { messages, epoch } = view.read(room, 0, { maxMessages: 1_000_000, maxBytes: Infinity });
      const after = { epoch, offset: messages.at(-1)?.offset ?? 0, at: 0 };
      const kept = messages.filter(({ bodyJson }) => bodyJson !== null);
      await fresh.take({ kind: "messages", room, before: null, after, messages: kept });
    }
    // Its epoch is the log's, not the one that was asked for.
    assert.deepEqual(unread, fresh.unread({ ...UNREAD_OF_A, identity: identity ?? "" }));
    fresh.close();
    const rows = rowsOf(join(data, "readers", "search.db"));
    assert.deepEqual(rows, rowsOf(path));
    assert.ok(rows.length > 100 && total > rows.length, `${rows.length} rows of ${total} messages`);
  });

  test("[SEARCH-7] [SEARCH-8] searches the rooms that one may read, and refuses in words what is no search", async (t) => {
    const { url } = await started(t, folderOf(t), "--log", "memory:");
    const client = clientOf(t, url);
    const own = await client.room("lobby").publish({ text: "a needle, here", name: "Ada" });
    await client.room("other").publish("another needle");
    const answer = await found(client, { text: "needle", rooms: ["lobby", "other", "@somebody"] }, 2);
    assert.deepEqual(answer.hits.find(({ room }) => room === "lobby")?.parts, ["a ", "needle", ", here"]);
    assert.equal((await found(client, { text: "needle", rooms: ["lobby"] }, 1)).hits[0]?.offset, own.offset);
    await client.room("lobby").publish({ delete: true }, own.offset === null ? {} : { re: own.offset });
    await found(client, { text: "needle", rooms: ["lobby", "other"] }, 1);
    const wrong = [
      null,
      [],
      {},
      { rooms: [] },
      { rooms: ["a"], text: 5 },
      { rooms: ["a"], text: "x".repeat(201) },
      { rooms: [".."] },
      { rooms: ["a"], limit: 51 },
      { rooms: ["a"], since: -1 },
      { rooms: ["a"], from: "" },
    ];
    for (const params of wrong) {
      await assert.rejects(client.request("search", params), {
        code: "bad-frame",
        message: /^The search is refused: /,
      });
    }
    for (const params of [null, {}, { rooms: ["a"] }, { rooms: [{ room: "a", epoch: "e", offset: -1 }] }]) {
      await assert.rejects(client.request("unread", params), {
        code: "bad-frame",
        message: /^What is unread/,
      });
    }
    const hasty = await Promise.allSettled(
      Array.from({ length: 30 }, () => client.request("search", { text: "x", rooms: ["a"] })),
    );
    const refused = hasty.filter(({ status }) => status === "rejected") as PromiseRejectedResult[];
    assert.ok(refused.length >= 10, `${refused.length} of 30 were refused`);
    for (const { reason } of refused) assert.equal((reason as { code: string }).code, "rate-limited");
  });

  test("[UNREAD-3] is told of rooms that one may read, and of nobody's own", async (t) => {
    const { url } = await started(t, folderOf(t), "--log", "memory:");
    const owner = clientOf(t, url);
    const guest = clientOf(t, url);
    await owner.request("moderation.claim", { room: "club" });
    const act = { kind: "mode", mode: "link-only" };
    await owner.request("moderation.act", { room: "club", id: "door-of-the-club", act });
    for (const room of ["club", "lobby"]) await owner.room(room).publish({ text: "needle", name: "Ada" });
    await found(owner, { text: "needle", rooms: ["club", "lobby"] }, 2);
    const names = ["club", "lobby", `@${owner.identity ?? ""}`];
    const rooms = names.map((room) => ({ room, epoch: "e", offset: 0 }));
    const told = async (by: ParlorClient) =>
      (await by.request<RoomUnread[]>("unread", { rooms })).map(({ room, unread }) => [room, unread.length]);
    assert.deepEqual(await told(guest), [["lobby", 1]]);
    // Of one's own messages none is; what the room says of itself is.
    assert.deepEqual(await told(owner), [
      ["club", 1],
      ["lobby", 0],
    ]);
  });

  test("[SEARCH-9] [UNREAD-3] each of several workers answers, of one index that one of them writes", async (t) => {
    const data = folderOf(t);
    const { url } = await started(t, data, "--workers", "2");
    const clients = Array.from({ length: 4 }, () => clientOf(t, url));
    await clients[0]?.room("lobby").publish({ text: "shared needle", name: "Ada" });
    for (const client of clients) await found(client, { text: "needle", rooms: ["lobby"] }, 1);
    for (const client of clients.slice(1)) {
      const [lobby] = await client.request<RoomUnread[]>("unread", {
        rooms: [{ ...UNREAD_OF_A.rooms[0], room: "lobby" }],
      });
      assert.equal(lobby?.unread.length, 1);
    }
    const metrics = await Promise.all(
      Array.from({ length: 6 }, async () =>
        (await fetch(`${url}metrics`, { headers: { connection: "close" } })).text(),
      ),
    );
    const readers = new Set(
      metrics.flatMap((text) => /parlor_reader_lag_messages\{.*worker="(\d)".*\}/.exec(text)?.[1] ?? []),
    );
    assert.deepEqual([...readers], ["1"]);
  });
});
