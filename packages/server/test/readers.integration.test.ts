import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test, type TestContext } from "node:test";
import { backupLog, LogHost, MemoryLog, RemoteLog, restoreLog, type RoomLog, SqliteLog } from "@parlor/log";
import {
  type Logger,
  Parlor,
  type ParlorOptions,
  type ReaderEffect,
  type ReaderOptions,
} from "@parlor/server";
import { askForRebuild } from "@parlor/server/projections";

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "parlor-readers-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function parlorOn(t: TestContext, log: RoomLog, options: Partial<ParlorOptions> = {}): Parlor {
  const parlor = new Parlor({ log, readers: ":memory:", ...options });
  t.after(() => parlor.close());
  return parlor;
}

/** A reader's effects that note what they are given. */
function noting(): { readonly seen: string[]; readonly effect: ReaderEffect } {
  const seen: string[] = [];
  return {
    seen,
    effect: (message, { room }) => void seen.push(`${room} ${message.offset} ${String(message.body)}`),
  };
}

const TABLE: ReaderOptions = {
  tables: (db) => db.exec("CREATE TABLE seen (room TEXT, offset INTEGER, body TEXT)"),
  onGone: (gone, db) => {
    const where = { message: "= ?", before: "< ?", room: ">= ?" }[gone.kind];
    const offset = gone.kind === "room" ? 0 : gone.offset;
    db.prepare(`DELETE FROM seen WHERE room = ? AND offset ${where}`).run(gone.room, offset);
  },
};
const intoTable: ReaderEffect = (message, { room, db }) => {
  db.prepare("INSERT INTO seen VALUES (?, ?, ?)").run(room, message.offset, JSON.stringify(message.body));
};

/** What a file of `TABLE` holds, as lines. */
function rowsOf(folder: string, name = "table"): string[] {
  using db = new DatabaseSync(join(folder, `${name}.db`), { readOnly: true });
  const rows = db.prepare("SELECT room, offset, body FROM seen ORDER BY room, offset, rowid").all();
  return rows.map((row) => `${String(row["room"])} ${String(row["offset"])} ${String(row["body"])}`);
}

async function publishAll(parlor: Parlor, room: string, bodies: readonly string[]): Promise<void> {
  for (const body of bodies) await parlor.room(room).publish(body);
}

describe("a named reader", () => {
  test("[READER-3] reads every room that is written to, also later, in the order of each; never what one identity alone may read", async (t) => {
    const parlor = parlorOn(t, new MemoryLog());
    await publishAll(parlor, "a", ["1", "2"]);
    await publishAll(parlor, "@ada", ["secret"]);
    await parlor.room("a").set("key", "a side room is written");
    const all = noting();
    const some = noting();
    const one = noting();
    const readers = [
      parlor.reader("all", {}, all.effect),
      parlor.reader("some", { rooms: "b*" }, some.effect),
      parlor.room("b*").reader("one", one.effect),
    ];
    await Promise.all(readers.map((reader) => reader.caughtUp()));
    assert.deepEqual(all.seen, ["a 1 1", "a 2 2"]);
    await publishAll(parlor, "b", ["3"]);
    await publishAll(parlor, "b*", ["4"]);
    await publishAll(parlor, "@ada", ["secret"]);
    await Promise.all(readers.map((reader) => reader.caughtUp()));
    assert.deepEqual(all.seen.sort(), ["a 1 1", "a 2 2", "b 1 3", "b* 1 4"]);
    assert.deepEqual(some.seen.sort(), ["b 1 3", "b* 1 4"]);
    assert.deepEqual(one.seen, ["b* 1 4"]);
  });

  test("[READER-1] goes on after a restart where it was, on another start of its process", async (t) => {
    const folder = await folderOf(t);
    const log = new MemoryLog();
    for (const [round, body] of ["first", "second", "third"].entries()) {
      const parlor = new Parlor({ log, readers: folder });
      await parlor.room("a").publish(body);
      const reader = parlor.reader("table", TABLE, intoTable);
      await reader.caughtUp();
      await parlor.close();
      assert.equal(rowsOf(folder).length, round + 1);
    }
    assert.deepEqual(rowsOf(folder), ['a 1 "first"', 'a 2 "second"', 'a 3 "third"']);
  });

  test("[READER-2] an effect that fails leaves nothing, is told, and is tried again; what was before it is kept, and other rooms go on", async (t) => {
    const folder = await folderOf(t);
    const told: unknown[] = [];
    const logger: Logger = {
      info() {},
      warn: (sentence, fields) => told.push({ sentence, ...fields }),
      error() {},
    };
    const parlor = parlorOn(t, new MemoryLog(), { readers: folder, logger, random: () => 0 });
    await publishAll(parlor, "a", ["fine", "bad", "behind"]);
    await publishAll(parlor, "b", ["other"]);
    let failures = 0;
    let failuresBeforeOther = -1;
    const reader = parlor.reader("table", TABLE, async (message, context) => {
      await intoTable(message, context);
      if (context.room === "b") failuresBeforeOther = failures;
      if (message.body !== "bad" || failures === 3) return;
      failures += 1;
      throw new Error(`no ${failures}`);
    });
    await reader.caughtUp();
    assert.deepEqual(rowsOf(folder), ['a 1 "fine"', 'a 2 "bad"', 'a 3 "behind"', 'b 1 "other"']);
    assert.equal(failuresBeforeOther, 1);
    assert.deepEqual(
      told,
      [1, 2, 3].map((times) => ({
        sentence: "A reader's effect failed; the message is tried again.",
        reader: "table",
        fault: `Error: no ${times}`,
        offset: 1,
        times,
      })),
    );
  });

  test("[READER-4] what is erased, trimmed or deleted is forgotten, also where that happened while nobody read", async (t) => {
    const folder = await folderOf(t);
    const log = new MemoryLog();
    let parlor = new Parlor({ log, readers: folder });
    await publishAll(parlor, "a", ["1", "2", "3", "4"]);
    await publishAll(parlor, "b", ["1"]);
    await publishAll(parlor, "c", ["1"]);
    let reader = parlor.reader("table", TABLE, intoTable);
    await reader.caughtUp();
    await parlor.room("a").redact(2);
    await reader.caughtUp();
    assert.deepEqual(rowsOf(folder), ['a 1 "1"', 'a 3 "3"', 'a 4 "4"', 'b 1 "1"', 'c 1 "1"']);
    await parlor.room("a").trim(2);
    await parlor.room("b").delete();
    await reader.caughtUp();
    assert.deepEqual(rowsOf(folder), ['a 3 "3"', 'a 4 "4"', 'c 1 "1"']);
    await parlor.close();
    parlor = parlorOn(t, log, { readers: folder });
    await parlor.room("a").redact(4);
    await parlor.room("c").delete();
    await publishAll(parlor, "c", ["new"]);
    reader = parlor.reader("table", TABLE, intoTable);
    await reader.caughtUp();
    assert.deepEqual(rowsOf(folder), ['a 3 "3"', 'c 1 "new"']);
  });

  test("[READER-4] what a restored backup brings back is read anew, and by one that reads from now on not again", async (t) => {
    const [folder, copy, old] = [await folderOf(t), await folderOf(t), await folderOf(t)];
    const fresh = noting();
    const begin = async (folder: string): Promise<() => Promise<void>> => {
      const log = await SqliteLog.open({ folder });
      const parlor = new Parlor({ log, readers: copy });
      const readers = [
        parlor.reader("table", TABLE, intoTable),
        parlor.reader("fresh", { from: "now" }, fresh.effect),
      ];
      await Promise.all(readers.map((reader) => reader.caughtUp()));
      if (folder === old) await publishAll(parlor, "a", ["since"]);
      else await publishAll(parlor, "a", ["1", "2"]);
      await Promise.all(readers.map((reader) => reader.caughtUp()));
      return async () => {
        await parlor.close();
        await log.close();
      };
    };
    await (await begin(folder))();
    assert.deepEqual(fresh.seen, ["a 1 1", "a 2 2"]);
    const backup = join(old, "backup.db");
    await backupLog(folder, backup, () => undefined);
    await restoreLog(backup, old, () => undefined);
    await (await begin(old))();
    assert.deepEqual(fresh.seen, ["a 1 1", "a 2 2", "a 3 since"]);
    assert.deepEqual(rowsOf(copy), ['a 1 "1"', 'a 2 "2"', 'a 3 "since"']);
  });

  test("[READER-5] made anew it is as one that reads for the first time; the command's wish is heard by who has the file", async (t) => {
    const folder = await folderOf(t);
    const parlor = parlorOn(t, new MemoryLog(), { readers: folder });
    await publishAll(parlor, "a", ["1", "2"]);
    let times = 0;
    const again = Promise.withResolvers<void>();
    const reader = parlor.reader("table", TABLE, (message, context) => {
      times += 1;
      if (times === 6) again.resolve();
      return intoTable(message, context);
    });
    await reader.caughtUp();
    await reader.rebuild();
    await reader.caughtUp();
    assert.deepEqual([times, rowsOf(folder)], [4, ['a 1 "1"', 'a 2 "2"']]);
    assert.equal(askForRebuild(join(folder, "table.db"), 1), true);
    await again.promise;
    await reader.caughtUp();
    assert.deepEqual(rowsOf(folder), ['a 1 "1"', 'a 2 "2"']);
    assert.equal(askForRebuild(join(folder, "nobody.db"), 1), false);
  });

  test("[READER-5] what could not be made anew is tried again until it is", async (t) => {
    const parlor = parlorOn(t, new MemoryLog(), {
      readers: await folderOf(t),
      random: () => 0,
      logger: { info() {}, warn() {}, error() {} },
    });
    await publishAll(parlor, "a", ["1"]);
    let tables = 0;
    let times = 0;
    const options: ReaderOptions = {
      tables: () => {
        tables += 1;
        if (tables === 2) throw new Error("the disk is full");
      },
    };
    const reader = parlor.reader("table", options, () => void (times += 1));
    await reader.caughtUp();
    await reader.rebuild();
    await reader.caughtUp();
    assert.equal(times, 2);
  });

  test("[READER-6] the metrics show how far each reader is behind, and what failed", async (t) => {
    const parlor = parlorOn(t, new MemoryLog(), { logger: { info() {}, warn() {}, error() {} } });
    const { url } = await parlor.listen({ port: 0 });
    await publishAll(parlor, "a", ["1", "2", "3"]);
    const held = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const reader = parlor.reader("slow", {}, async () => {
      begun.resolve();
      await held.promise;
    });
    await begun.promise;
    const metric = async (name: string): Promise<number> => {
      const text = await (await fetch(`${url}metrics`)).text();
      return Number(new RegExp(`^parlor_reader_${name}\\{reader="slow"\\} (.*)$`, "m").exec(text)?.[1]);
    };
    assert.ok((await metric("lag_messages")) >= 1);
    assert.ok((await metric("lag_seconds")) > 0);
    held.resolve();
    await reader.caughtUp();
    assert.deepEqual([await metric("lag_messages"), await metric("lag_seconds")], [0, 0]);
    assert.deepEqual([await metric("messages_total"), await metric("failures_total")], [3, 0]);
  });

  test("[READER-7] what an effect publishes under its message's key is published once, however often the effect is asked for", async (t) => {
    const parlor = parlorOn(t, new MemoryLog(), {
      random: () => 0,
      logger: { info() {}, warn() {}, error() {} },
    });
    await publishAll(parlor, "a", ["question"]);
    let times = 0;
    const reader = parlor.room("a").reader("bot", async (message, { key }) => {
      if (message.from === "@server" && message.body === "answer") return;
      await parlor.room("a").publish("answer", { idempotencyKey: key });
      times += 1;
      if (times < 3) throw new Error("it dies behind its publish");
    });
    await reader.caughtUp();
    const { messages } = await parlor.room("a").read();
    assert.deepEqual([times, messages.map(({ body }) => body)], [3, ["question", "answer"]]);
  });

  test("[READER-8] of two processes with one reader each message has its effect once", async (t) => {
    const folder = await folderOf(t);
    const log = new MemoryLog();
    const one = parlorOn(t, log, { readers: folder });
    const readers = [one, parlorOn(t, log, { readers: folder })].map((parlor) =>
      parlor.reader("table", TABLE, intoTable),
    );
    const bodies = Array.from({ length: 200 }, (_, n) => String(n));
    await Promise.all(bodies.map((body) => one.room("a").publish(body)));
    await Promise.all(readers.map((reader) => reader.caughtUp()));
    assert.deepEqual(
      rowsOf(folder),
      bodies.map((body, index) => `a ${index + 1} "${body}"`),
    );
  });

  test("[READER-10] over the log of another process it misses nothing when the link breaks", async (t) => {
    const folder = await folderOf(t);
    const owned = new MemoryLog();
    const path = join(folder, "log.sock");
    const host = await LogHost.listen({ log: owned, path });
    const log = await RemoteLog.open({ path, random: () => 0 });
    t.after(async () => {
      await log.close();
      await host.close();
    });
    const parlor = parlorOn(t, log, {
      readers: folder,
      logger: { info() {}, warn() {}, error() {} },
      random: () => 0,
    });
    const here = parlorOn(t, owned);
    await publishAll(here, "a", ["1", "2"]);
    const reader = parlor.reader("table", TABLE, intoTable);
    await reader.caughtUp();
    const up = new Promise<void>((resolve) =>
      log.onStatus(({ kind }) => (kind === "ready" ? resolve() : undefined)),
    );
    host.cutLinks();
    await here.room("a").redact(1);
    await publishAll(here, "b", ["3"]);
    await up;
    await publishAll(here, "a", ["4"]);
    await reader.caughtUp();
    assert.deepEqual(rowsOf(folder), ['a 2 "2"', 'a 3 "4"', 'b 1 "3"']);
  });

  test("[READER-9] what can't be a reader is refused in words", async (t) => {
    const parlor = parlorOn(t, new MemoryLog());
    const start = (name: string, rooms?: string) => (): unknown =>
      parlor.reader(name, { rooms }, () => undefined);
    for (const name of ["", "Upper", "../x", "-x", "x".repeat(65)]) {
      assert.throws(start(name), { code: "bad-reader", message: /1 to 64 lower-case/ });
    }
    for (const rooms of ["", "a*b", "**"])
      assert.throws(start("x", rooms), { code: "bad-reader", message: /`rooms`/ });
    start("x")();
    assert.throws(start("x"), { code: "bad-reader", message: /already/ });
    const without = new Parlor({ log: new MemoryLog() });
    t.after(() => without.close());
    assert.throws(() => without.reader("x", {}, () => undefined), {
      code: "bad-reader",
      message: /`readers`, a folder/,
    });
    assert.throws(() => new Parlor({ log: new MemoryLog(), readers: "" }), {
      code: "bad-option",
      message: /`readers`/,
    });
  });
});
