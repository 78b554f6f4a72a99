import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { CodedError } from "@parlor/base";
import {
  copyRooms,
  type CopyPlan,
  planCopy,
  type RoomLog,
  sideRoom,
  SqliteCopySource,
  SqliteCopyTarget,
  SqliteLog,
  verifyCopy,
} from "@parlor/log";
import { NatsCopy, openNatsLog } from "@parlor/nats";
import { appendOf, fill, NatsCluster } from "@parlor/testkit";

const WIDE = Object.freeze({ maxMessages: 10_000, maxBytes: Infinity });

describe("rooms that are copied into a cluster", { timeout: 60_000 }, () => {
  let cluster: NatsCluster;
  let folder: string;
  let logs = 0;
  before(async () => {
    cluster = await NatsCluster.start();
    folder = await mkdtemp(join(tmpdir(), "parlor-copy-"));
  });
  after(async () => {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const nextName = (): string => `copy${++logs}`;
  /** A log of SQLite, as it was left. */
  async function leave(name: string, use: (log: RoomLog) => Promise<void>): Promise<string> {
    const path = join(folder, name);
    const log = await SqliteLog.open({ folder: path });
    try {
      await use(log);
    } finally {
      await log.close();
    }
    return path;
  }
  const into = (name: string, epoch?: string, listenMs = 0): Promise<NatsCopy> =>
    NatsCopy.open({ url: cluster.url, name, shards: 2, epoch, listenMs });

  async function copy(from: string, name: string, listenMs = 0): Promise<CopyPlan> {
    await using source = SqliteCopySource.open(from);
    await using target = await into(name, source.epoch, listenMs);
    const plan = await planCopy(source, target);
    await copyRooms(source, target, plan, () => undefined);
    await verifyCopy(source, target, plan, 0, () => undefined);
    await target.end();
    return plan;
  }

  test("[COPY-1] [COPY-2] a room is the same behind: offsets, times, epochs, erasures, what was trimmed, who published", async () => {
    const name = nextName();
    const rooms = ["lobby", "bare", "gone", "again", sideRoom("state", "lobby"), "unwritten"];
    const before = new Map<string, unknown>();
    const from = await leave(name, async (log) => {
      await fill(log, "lobby", 1_300);
      await log.append(appendOf("lobby", 1, { producer: "producer2", re: 7, bodyJson: '"é"' }));
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
      for (const room of rooms) before.set(room, await log.read(room, 0, WIDE));
    });
    const plan = await copy(from, name);
    assert.equal(plan.names.length, 5);
    const log = await openNatsLog({ url: cluster.url, name });
    try {
      for (const room of rooms) assert.deepEqual(await log.read(room, 0, WIDE), before.get(room), room);
      const [about] = await log.related("lobby", [7], 5, WIDE);
      assert.equal(about?.offset, 1_301);
      assert.deepEqual(
        (await log.rooms("", 10)).map(({ room, messages }) => [room, messages]),
        [
          [sideRoom("state", "lobby"), 4],
          ["again", 2],
          ["lobby", 1_261],
        ],
      );
      const { epoch } = await log.head("lobby");
      assert.deepEqual(await log.append(appendOf("lobby", 1_300)), {
        kind: "duplicate",
        epoch,
        offset: 1_300,
      });
      const next = await log.append(appendOf("lobby", 1_301));
      assert.ok(next.kind === "appended" && next.offset === 1_302 && !next.newProducer);
      // What was copied is as good as what was not: it is erased, trimmed and deleted alike.
      assert.equal(await log.redact("lobby", 1_301), true);
      assert.equal((await log.read("lobby", 1_300, WIDE)).messages[0]?.bodyJson, null);
      assert.equal(await log.trim("lobby", 1_000), 1_000);
      assert.equal(await log.delete("again"), true);
      assert.notEqual((await log.head("again")).epoch, (before.get("again") as { epoch: string }).epoch);
    } finally {
      await log.close();
    }
    await assert.rejects(copy(from, name), { code: "other-history", message: /"again".+deleted since/ });
  });

  test("[COPY-7] there and back the rooms are equal, and have one hash", async () => {
    const name = nextName();
    const from = await leave(name, async (log) => {
      await fill(log, "lobby", 700, (seq) => ({ re: seq % 9 === 0 ? seq - 1 : undefined }));
      await log.append(appendOf("lobby", 1, { from: "bob-identity", bodyJson: '{"text":"é"}' }));
      await log.redact("lobby", 600);
      await log.trim("lobby", 12);
      await fill(log, "bare", 5);
      await log.trim("bare", 6);
      await fill(log, "gone", 3);
      await log.delete("gone");
      await fill(log, sideRoom("state", "lobby"), 2);
    });
    await copy(from, name);
    const back = join(folder, `${name}-back`);
    const hashes: string[] = [];
    {
      await using cluster = await into(name);
      await using target = SqliteCopyTarget.open(back, cluster.epoch);
      const plan = await planCopy(cluster, target);
      await copyRooms(cluster, target, plan, () => undefined);
      await target.end();
      await using first = SqliteCopySource.open(from);
      for (const [one, other] of [
        [cluster, target],
        [first, cluster],
        [first, target],
        [target, first],
      ] as const) {
        const whole = { ...plan, there: new Set<string>() };
        hashes.push((await verifyCopy(one, other, whole, 0, () => undefined)).sha256);
      }
    }
    assert.equal(new Set(hashes).size, 1);
    const [there, here] = [await SqliteLog.open({ folder: from }), await SqliteLog.open({ folder: back })];
    try {
      for (const room of ["lobby", "bare", "gone", sideRoom("state", "lobby"), "unwritten"]) {
        assert.deepEqual(await here.read(room, 0, WIDE), await there.read(room, 0, WIDE), room);
      }
      assert.deepEqual(await here.rooms("", 10), await there.rooms("", 10));
      assert.equal((await here.append(appendOf("lobby", 700))).kind, "duplicate");
    } finally {
      await there.close();
      await here.close();
    }
  });

  test("[COPY-3] what broke off goes on, holds nothing until then, and no node opens the log meanwhile", async () => {
    const name = nextName();
    const from = await leave(name, async (log) => void (await fill(log, "lobby", 2_600)));
    const broken = new CodedError("broken", "as if the process had been killed");
    const lines: number[] = [];
    const tryOnce = async (pages: number): Promise<void> => {
      await using source = SqliteCopySource.open(from);
      await using target = await into(name, source.epoch);
      const plan = await planCopy(source, target);
      const breaking = Object.assign(Object.create(source) as SqliteCopySource, {
        async *messages(room: string, after: number) {
          let left = pages;
          for await (const page of source.messages(room, after)) {
            if ((left -= 1) < 0) throw broken;
            yield page;
          }
        },
        room: (room: string) => source.room(room),
        id: source.id,
        words: source.words,
      });
      await copyRooms(breaking, target, plan, (done) => lines.push(done));
    };
    await assert.rejects(tryOnce(1), broken);
    await assert.rejects(openNatsLog({ url: cluster.url, name }), {
      code: "bad-log",
      message: /has not ended/,
    });
    {
      await using target = await into(name);
      assert.equal(await target.room("lobby"), null);
    }
    // It was used again since, and a message was erased: that must not come back.
    const log = await SqliteLog.open({ folder: from });
    await log.redact("lobby", 100);
    await log.close();
    lines.length = 0;
    await assert.rejects(tryOnce(2), broken);
    assert.equal(lines[0], 500, "it begins anew, for what was copied is not the same any more");
    lines.length = 0;
    await tryOnce(2);
    assert.equal(lines[0], 1_500, "it goes on where it was");
    assert.equal((await copy(from, name)).messages, 2_600);
    const node = await openNatsLog({ url: cluster.url, name });
    try {
      const { messages } = await node.read("lobby", 0, WIDE);
      assert.deepEqual([messages.length, messages[99]?.bodyJson], [2_600, null]);
    } finally {
      await node.close();
    }
  });

  test("[COPY-4] a room that is another one is refused before anything is copied, and so is another source meanwhile", async () => {
    const name = nextName();
    const from = await leave(name, async (log) => {
      await fill(log, "a room", 3);
      await fill(log, "lobby", 3);
    });
    const other = await leave(`${name}-other`, async (log) => void (await fill(log, "lobby", 9)));
    const node = await openNatsLog({ url: cluster.url, name });
    await fill(node, "lobby", 2);
    await assert.rejects(copy(from, name, 1_500), {
      code: "in-use",
      message: /^a node uses .+; stop every node/,
    });
    await node.close();
    await assert.rejects(copy(from, name), { code: "other-history", message: /"lobby".+another history/ });
    const again = await openNatsLog({ url: cluster.url, name });
    assert.deepEqual(
      (await again.rooms("", 10)).map(({ room }) => room),
      ["lobby"],
      "nothing was copied",
    );
    await again.close();
    const second = nextName();
    {
      await using source = SqliteCopySource.open(from);
      await using target = await into(second, source.epoch);
      await target.begin({ source: source.id, words: source.words });
      assert.throws(() => SqliteCopySource.open(from), { code: "log-in-use" });
      await assert.rejects(SqliteLog.open({ folder: from }), { code: "log-in-use" });
    }
    await assert.rejects(copy(other, second), { code: "copying", message: /broke off; finish that one/ });
    await copy(from, second);
    await assert.rejects(copy(other, second), { code: "other-history" });
  });

  test("[COPY-5] rooms may go on once they are copied; what differs then is found and named", async () => {
    const name = nextName();
    const from = await leave(name, async (log) => void (await fill(log, "lobby", 20)));
    await copy(from, name);
    const node = await openNatsLog({ url: cluster.url, name });
    await node.append(appendOf("lobby", 21));
    await node.redact("lobby", 5);
    await node.close();
    assert.deepEqual([...(await copy(from, name)).there], ["lobby"]);
    const grown = await SqliteLog.open({ folder: from });
    await grown.append(appendOf("lobby", 21, { bodyJson: '"elsewhere"' }));
    await grown.close();
    await assert.rejects(copy(from, name), {
      code: "other-history",
      message: /^the room "lobby" of the cluster .+ has another message 21 than the source/,
    });
  });
});
