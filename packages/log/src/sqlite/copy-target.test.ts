import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { DatabaseSync } from "node:sqlite";
import { CodedError } from "@parlor/base";
import { appendOf, fill } from "@parlor/testkit";
import type { CopySource } from "../copy/copied-room.ts";
import { copyRooms } from "../copy/copy-rooms.ts";
import { planCopy } from "../copy/plan-copy.ts";
import { type CopyVerdict, verifyCopy } from "../copy/verify-copy.ts";
import type { RoomLog, TailEvent } from "../room-log.ts";
import { sideRoom } from "../side-room.ts";
import { SqliteLog } from "../sqlite-log.ts";
import { backupLog, restoreLog } from "./backup.ts";
import { SqliteCopySource } from "./copy-source.ts";
import { SqliteCopyTarget } from "./copy-target.ts";
import { pragmaValue } from "./open-database.ts";

const WIDE = { maxMessages: 10_000, maxBytes: Infinity };
const ROOMS = ["lobby", "bare", "gone", "again", sideRoom("state", "lobby")];

describe("rooms that are copied into a file", () => {
  let folder: string;
  let from: string;
  let to: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "parlor-copy-"));
    [from, to] = [join(folder, "from"), join(folder, "to")];
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const use = async (path: string, act: (log: RoomLog) => Promise<void>): Promise<void> => {
    const log = await SqliteLog.open({ folder: path });
    try {
      await act(log);
    } finally {
      await log.close();
    }
  };
  const make = async (log: RoomLog): Promise<void> => {
    await fill(log, "lobby", 1_500, (seq) => ({ re: seq % 9 === 0 ? seq - 1 : undefined }));
    await log.redact("lobby", 900);
    await log.trim("lobby", 41);
    await fill(log, "bare", 5);
    await log.trim("bare", 6);
    for (const room of ["gone", "again"]) {
      await fill(log, room, 3);
      await log.delete(room);
    }
    await fill(log, "again", 2);
    await fill(log, sideRoom("state", "lobby"), 4);
  };
  const copyAs = async (change: (source: CopySource) => CopySource): Promise<CopyVerdict> => {
    await using source = SqliteCopySource.open(from);
    await using target = SqliteCopyTarget.open(to, "made-now");
    const plan = await planCopy(source, target);
    await copyRooms(change(source), target, plan, () => undefined);
    const verdict = await verifyCopy(source, target, plan, Date.now(), () => undefined);
    await target.end();
    return verdict;
  };
  const copy = (): Promise<CopyVerdict> => copyAs((source) => source);

  test("[COPY-1] [COPY-2] [COPY-7] each keeps its epoch, and goes on under it, in a file with another one", async () => {
    const before = new Map<string, unknown>();
    await use(from, async (log) => {
      await make(log);
      for (const room of ROOMS) before.set(room, await log.read(room, 0, WIDE));
    });
    await copy();
    await use(to, async (log) => {
      for (const room of ROOMS) assert.deepEqual(await log.read(room, 0, WIDE), before.get(room), room);
      assert.equal((await log.head("unwritten")).epoch, "made-now");
      const { epoch } = await log.head("lobby");
      const other = await log.append(appendOf("own", 1));
      assert.equal("epoch" in other && other.epoch, "made-now");
      const told: TailEvent[] = [];
      const tail = await log.tail("again", (event) => told.push(event));
      const results = await Promise.all([
        log.append(appendOf("lobby", 1_500)),
        log.append(appendOf("again", 3)),
        log.append(appendOf("own", 2)),
        log.append(appendOf("lobby", 1_501)),
      ]);
      const again = `${epoch}.1`;
      assert.deepEqual(
        results.map((result) => [
          result.kind,
          "epoch" in result ? result.epoch : "",
          "offset" in result && result.offset,
        ]),
        [
          ["duplicate", epoch, 1_500],
          ["appended", again, 3],
          ["appended", "made-now", 2],
          ["appended", epoch, 1_501],
        ],
      );
      assert.equal(told[0]?.kind === "messages" && told[0].epoch, again);
      tail.close();
      assert.deepEqual(
        (await log.related("lobby", [80], 5, WIDE)).map(({ offset }) => offset),
        [81],
      );
      assert.equal(await log.trim("lobby", 1_000), 1_000);
      assert.equal(await log.delete("again"), true);
      assert.equal((await log.head("again")).epoch, `${again}.1`);
    });
    const db = new DatabaseSync(join(to, "parlor.db"), { readOnly: true });
    assert.equal(pragmaValue(db, "integrity_check"), "ok");
    db.close();
  });

  test("[CMD-2] a room with an epoch of its own has a new one where a backup of it is restored", async () => {
    await use(from, make);
    await copy();
    const [file, restored] = [join(folder, "copy.db"), join(folder, "restored")];
    await backupLog(to, file, () => undefined);
    const epoch = await restoreLog(file, restored, () => undefined);
    await use(restored, async (log) => {
      for (const room of ["lobby", "bare", "gone", "again"])
        assert.equal((await log.head(room)).epoch, epoch);
      assert.equal((await log.read("lobby", 0, WIDE)).messages.length, 1_460);
    });
  });

  test("[COPY-3] what broke off is not opened, leaves nothing of a half room, and is gone on with", async () => {
    await use(from, make);
    const broken = new CodedError("broken", "as if the process had been killed");
    const breaking = (source: CopySource): CopySource => ({
      ...{ id: source.id, roomsAtOnce: 1, epoch: source.epoch, words: source.words },
      names: () => source.names(),
      room: (room) => source.room(room),
      async *messages(room, after) {
        for await (const page of source.messages(room, after)) {
          yield page;
          if (room === "lobby") throw broken;
        }
      },
      [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
    });
    await assert.rejects(copyAs(breaking), broken);
    const isUnfinished = { code: "log-unfinished", message: /has not ended, .+ say parlor copy again/ };
    await assert.rejects(SqliteLog.open({ folder: to }), isUnfinished);
    assert.throws(() => SqliteCopySource.open(to), isUnfinished);
    const rowsOf = (room: string): number => {
      const db = new DatabaseSync(join(to, "parlor.db"), { readOnly: true });
      try {
        const count = db.prepare(`SELECT count(*) AS count FROM ${room}`).get()?.["count"];
        return Number(count);
      } finally {
        db.close();
      }
    };
    assert.deepEqual([rowsOf("doomed"), rowsOf("messages")], [1, 1_000 + 4 + 2]);
    const verdict = await copy();
    assert.deepEqual([verdict.rooms, verdict.messages, rowsOf("doomed")], [5, 1_466, 0]);
    assert.equal(rowsOf("messages"), 1_466);
    assert.equal((await copy()).sha256, verdict.sha256, "the same once more");
  });

  test("[COPY-4] a room of another history is refused, with nothing copied; a room that was deleted there is none", async () => {
    await use(from, async (log) => {
      await fill(log, "a", 2);
      await fill(log, "lobby", 2);
    });
    await use(to, async (log) => {
      await fill(log, "lobby", 5);
    });
    await assert.rejects(copy(), {
      code: "other-history",
      message: /"lobby" of the log in .+ another history/,
    });
    await use(to, async (log) => {
      assert.equal((await log.head("a")).head, 0);
      await log.delete("lobby");
    });
    const { rooms } = await copy();
    assert.equal(rooms, 2);
    await use(to, async (log) => assert.equal((await log.head("lobby")).head, 2));
  });
});
