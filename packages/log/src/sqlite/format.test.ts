import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, test } from "node:test";
import { appendOf, fill } from "@parlor/testkit";
import type { RoomLog } from "../room-log.ts";
import { SqliteLog } from "../sqlite-log.ts";
import { checksumOf } from "./checksum.ts";
import { APPLICATION_ID, FORMAT } from "./format.ts";
import { hasWalResetFix, pragmaValue } from "./open-database.ts";

/** Format 1 as it was written: a unique index over the places, no checksums. */
const FORMAT_1 = `
  PRAGMA application_id=${APPLICATION_ID};
  PRAGMA user_version=1;
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
  CREATE TABLE rooms (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, generation INTEGER NOT NULL,
    head INTEGER NOT NULL, earliest INTEGER NOT NULL, last_at INTEGER NOT NULL);
  CREATE TABLE messages (id INTEGER PRIMARY KEY, room INTEGER NOT NULL, "offset" INTEGER NOT NULL,
    identity TEXT NOT NULL, producer TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, re INTEGER,
    body TEXT, UNIQUE (room, "offset"));
  CREATE TABLE producers (id INTEGER PRIMARY KEY, room INTEGER NOT NULL, identity TEXT NOT NULL,
    producer TEXT NOT NULL, seq INTEGER NOT NULL, "offset" INTEGER NOT NULL, used_at INTEGER NOT NULL,
    UNIQUE (room, identity, producer));
  INSERT INTO meta VALUES ('epoch', 'old-epoch');
`;

/** Format 2 as it was written: rooms without epochs of their own. */
const FORMAT_2 = `
  PRAGMA application_id=${APPLICATION_ID};
  PRAGMA user_version=2;
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT;
  CREATE TABLE rooms (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, generation INTEGER NOT NULL,
    head INTEGER NOT NULL, head_id INTEGER NOT NULL, earliest INTEGER NOT NULL, earliest_at INTEGER,
    bytes INTEGER NOT NULL, last_at INTEGER NOT NULL -- when the newest was written
  ) STRICT;
  CREATE INDEX rooms_by_age ON rooms (earliest_at) WHERE earliest_at IS NOT NULL;
  CREATE TABLE messages (id INTEGER PRIMARY KEY, prev INTEGER NOT NULL, room INTEGER NOT NULL,
    "offset" INTEGER NOT NULL, identity TEXT NOT NULL, producer TEXT NOT NULL, seq INTEGER NOT NULL,
    at INTEGER NOT NULL, re INTEGER, checksum INTEGER NOT NULL, body TEXT) STRICT;
  CREATE INDEX messages_by_re ON messages (room, re, "offset") WHERE re IS NOT NULL;
  CREATE TABLE anchors (room INTEGER NOT NULL, "offset" INTEGER NOT NULL, message INTEGER NOT NULL,
    PRIMARY KEY (room, "offset")) WITHOUT ROWID, STRICT;
  CREATE TABLE producers (id INTEGER PRIMARY KEY, room INTEGER NOT NULL, identity TEXT NOT NULL,
    producer TEXT NOT NULL, seq INTEGER NOT NULL, "offset" INTEGER NOT NULL, used_at INTEGER NOT NULL,
    UNIQUE (room, identity, producer)) STRICT;
  CREATE TABLE doomed (room INTEGER PRIMARY KEY, head INTEGER NOT NULL, head_id INTEGER NOT NULL,
    earliest INTEGER NOT NULL) STRICT;
  INSERT INTO meta VALUES ('epoch', 'old-epoch');
`;

const ALL = { maxMessages: 1_000, maxBytes: Infinity };

describe("the log's file", () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "parlor-format-"));
    file = join(folder, "parlor.db");
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const edit = (change: (db: DatabaseSync) => void): void => {
    const db = new DatabaseSync(file);
    change(db);
    db.close();
  };
  const use = async (act: (log: RoomLog) => Promise<void>): Promise<void> => {
    const log = await SqliteLog.open({ folder });
    try {
      await act(log);
    } finally {
      await log.close();
    }
  };

  test("[LOG-36] a file of format 1 is migrated: messages, order, producers, epochs and what was trimmed", async () => {
    edit((db) => {
      db.exec(FORMAT_1);
      db.exec(
        "INSERT INTO rooms VALUES (1, 'lobby', 0, 100, 11, 5000), (2, 'again', 1, 2, 1, 6000), (3, 'empty', 0, 4, 5, 7000)",
      );
      const insert = db.prepare(
        "INSERT INTO messages VALUES (NULL, ?, ?, 'ada-identity', 'producer1', ?, ?, ?, ?)",
      );
      for (let offset = 11; offset <= 100; offset++) {
        insert.run(
          1,
          offset,
          offset,
          1_000 + offset,
          offset === 50 ? 20 : null,
          offset === 60 ? null : `"ä${offset}"`,
        );
        if (offset === 30 || offset === 70)
          insert.run(2, offset === 30 ? 1 : 2, offset, 2_000, null, '"other"');
      }
      db.exec("INSERT INTO producers VALUES (1, 1, 'ada-identity', 'producer1', 100, 100, 5000)");
    });
    await use(async (log) => {
      const page = await log.read("lobby", 0, ALL);
      assert.deepEqual(
        [page.epoch, page.head, page.earliest, page.messages.length],
        ["old-epoch", 100, 11, 90],
      );
      page.messages.forEach((message, index) => {
        const offset = 11 + index;
        const expected = {
          offset,
          from: "ada-identity",
          producer: "producer1",
          seq: offset,
          at: 1_000 + offset,
        };
        const bodyJson = offset === 60 ? null : `"ä${offset}"`;
        assert.deepEqual(message, { ...expected, ...(offset === 50 ? { re: 20 } : {}), bodyJson });
      });
      assert.equal((await log.related("lobby", [20], 10, ALL)).length, 1);
      assert.deepEqual(
        (await log.readBefore("lobby", 15, { maxMessages: 2, maxBytes: 99 })).messages,
        page.messages.slice(2, 4),
      );
      assert.equal((await log.read("again", 0, ALL)).epoch, "old-epoch.1");
      assert.equal((await log.read("again", 0, ALL)).messages.length, 2);
      assert.equal((await log.head("empty")).head, 4);
      assert.deepEqual(await log.append(appendOf("lobby", 100)), {
        kind: "duplicate",
        epoch: "old-epoch",
        offset: 100,
      });
      const appended = await log.append(appendOf("lobby", 101));
      assert.ok(appended.kind === "appended" && appended.offset === 101 && !appended.newProducer);
      const [, lobby] = await log.rooms("", 10);
      const bytes = page.messages.reduce((sum, { bodyJson }) => sum + Buffer.byteLength(bodyJson ?? ""), 0);
      assert.deepEqual([lobby?.messages, lobby?.bytes], [91, bytes + Buffer.byteLength('"message 101"')]);
    });
    edit((db) => {
      assert.equal(pragmaValue(db, "user_version"), FORMAT);
      assert.equal(pragmaValue(db, "integrity_check"), "ok");
    });
  });

  test("[LOG-36] a migrated file has the same tables as one made new", async () => {
    const schema = (): unknown => {
      const db = new DatabaseSync(file);
      const rows = db.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY name").all();
      db.close();
      return rows;
    };
    edit((db) => db.exec(FORMAT_1));
    await use(async () => {});
    const migrated = schema();
    await rm(folder, { recursive: true });
    await use(async () => {});
    assert.deepEqual(migrated, schema());
  });

  test("[LOG-36] a file of format 2 is migrated, and its rooms have the file's epoch and go on", async () => {
    edit((db) => {
      db.exec(FORMAT_2);
      db.exec(
        "INSERT INTO rooms VALUES (1, 'lobby', 0, 1, 1, 1, 900, 3, 900), (2, 'gone', 2, 0, 0, 1, NULL, 0, 0)",
      );
      const record = {
        offset: 1,
        identity: "ada-identity",
        producer: "producer1",
        seq: 1,
        at: 900,
        re: null,
      };
      const checksum = checksumOf("lobby", { ...record, body: '"a"' });
      db.prepare(
        "INSERT INTO messages VALUES (1, 0, 1, 1, 'ada-identity', 'producer1', 1, 900, NULL, ?, '\"a\"')",
      ).run(checksum);
      db.exec("INSERT INTO producers VALUES (1, 1, 'ada-identity', 'producer1', 1, 1, 900)");
    });
    await use(async (log) => {
      assert.deepEqual(await log.append(appendOf("lobby", 1)), {
        ...{ kind: "duplicate", epoch: "old-epoch", offset: 1 },
      });
      const appended = await log.append(appendOf("lobby", 2));
      assert.deepEqual([appended.kind, "epoch" in appended && appended.epoch], ["appended", "old-epoch"]);
      assert.equal((await log.read("lobby", 0, ALL)).messages.length, 2);
      assert.equal((await log.head("gone")).epoch, "old-epoch.2");
    });
    const columns = (): unknown => {
      const db = new DatabaseSync(file);
      const rows = db.prepare("SELECT name, type, \"notnull\" FROM pragma_table_info('rooms')").all();
      db.close();
      return rows;
    };
    const migrated = columns();
    await rm(folder, { recursive: true });
    await use(async () => {});
    assert.deepEqual(migrated, columns());
  });

  test("[LOG-37] a file of a later format is refused in words and left as it is", async () => {
    await use(async (log) => void (await fill(log, "lobby", 3)));
    edit((db) => db.exec(`PRAGMA user_version=${FORMAT + 1}`));
    const before = await readFile(file);
    await assert.rejects(SqliteLog.open({ folder }), { code: "log-too-new", message: /later version/ });
    assert.ok(before.equals(await readFile(file)));
    edit((db) => db.exec(`PRAGMA user_version=${FORMAT}`));
    await use(async (log) => assert.equal((await log.head("lobby")).head, 3));
  });

  test("[LOG-37] a file that is not ours is refused in words and left as it is", async () => {
    edit((db) => db.exec("CREATE TABLE recipes (name TEXT); INSERT INTO recipes VALUES ('soup')"));
    const recipes = await readFile(file);
    await assert.rejects(SqliteLog.open({ folder }), {
      code: "log-not-ours",
      message: /not a log of Parlor/,
    });
    assert.ok(recipes.equals(await readFile(file)));
    const poem = Buffer.from("roses are red, ".repeat(100));
    await writeFile(file, poem);
    await assert.rejects(SqliteLog.open({ folder }), { code: "log-not-ours", message: /no SQLite file/ });
    assert.ok(poem.equals(await readFile(file)));
  });

  test("[LOG-37] a folder that can't be used is unavailable, in words", async () => {
    await writeFile(file, "");
    const refusal = { code: "unavailable", message: /can't be used/ };
    await assert.rejects(SqliteLog.open({ folder: file }), refusal);
    // Where the system makes no folders at all, though the one above is there.
    for (const nowhere of ["/proc/parlor", "/proc/self/par/lor"])
      await assert.rejects(SqliteLog.open({ folder: nowhere }), refusal);
  });

  test("[LOG-38] a record that was changed on disk is never served, and the error names its room and offset", async () => {
    await use(
      async (log) => void (await fill(log, "the lobby", 80, (seq) => ({ bodyJson: `"genuine ${seq}"` }))),
    );
    const bytes = await readFile(file);
    const at = bytes.indexOf("genuine 40");
    assert.ok(at > 0);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await writeFile(file, bytes);
    await use(async (log) => {
      const isDamaged = { code: "unavailable", message: /message 40 of room "the lobby" is damaged/ };
      await assert.rejects(log.read("the lobby", 0, ALL), isDamaged);
      await assert.rejects(log.readBefore("the lobby", 41, ALL), isDamaged);
      assert.equal(log.status.kind, "ready");
      assert.equal(
        (await log.read("the lobby", 0, { maxMessages: 39, maxBytes: Infinity })).messages.length,
        39,
      );
      assert.equal((await log.read("the lobby", 40, ALL)).messages.length, 40);
      assert.equal((await log.append(appendOf("the lobby", 81))).kind, "appended");
      assert.equal(await log.trim("the lobby", 41), 41);
      assert.equal((await log.read("the lobby", 0, ALL)).messages.length, 41);
    });
  });

  test("[LOG-38] a change of any column is noticed", async () => {
    const columns = [
      "identity",
      "producer",
      "seq",
      "at",
      "re",
      "prev",
      '"offset"',
      "room",
      "checksum",
      "body",
    ];
    await use(async (log) => {
      for (const room of columns) await fill(log, room, 8);
    });
    edit((db) => {
      for (const column of columns) {
        const value = ["identity", "producer", "body"].includes(column) ? "'other'" : 77;
        const room = "(SELECT id FROM rooms WHERE name = ?)";
        db.prepare(`UPDATE messages SET ${column} = ${value} WHERE "offset" = 5 AND room = ${room}`).run(
          column,
        );
      }
    });
    await use(async (log) => {
      for (const room of columns) {
        await assert.rejects(log.read(room, 0, ALL), { code: "unavailable", message: /damaged/ }, room);
      }
    });
  });

  test("[LOG-39] a SQLite that may corrupt a file between checkpoint and commit is recognised", () => {
    for (const sound of ["3.51.3", "3.53.4", "3.52.0", "3.50.7", "3.44.6", "4.0.0"])
      assert.ok(hasWalResetFix(sound), sound);
    for (const faulty of ["3.51.2", "3.50.6", "3.49.2", "3.44.5", "3.40.1"])
      assert.ok(!hasWalResetFix(faulty), faulty);
  });
});
