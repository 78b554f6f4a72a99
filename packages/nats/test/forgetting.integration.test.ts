import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { jetstreamManager } from "@nats-io/jetstream";
import type { RoomLog } from "@parlor/log";
import { openNatsLog } from "@parlor/nats";
import { appendOf, fill, NatsCluster, until } from "@parlor/testkit";

const WIDE = Object.freeze({ maxMessages: 10_000, maxBytes: Infinity });

describe("what a cluster keeps of a room, and what it forgets", { timeout: 60_000 }, () => {
  let cluster: NatsCluster;
  const open = (): ReturnType<typeof openNatsLog> =>
    openNatsLog({ url: cluster.url, name: "forget", shards: 1 });
  before(async () => {
    cluster = await NatsCluster.start();
  });
  after(() => cluster.stop());

  /** Appends one record each. */
  async function fillOneByOne(log: RoomLog, room: string, from: number, to: number): Promise<void> {
    for (let seq = from; seq <= to; seq++) await log.append(appendOf(room, seq, { re: seq % 7 }));
  }

  async function streamOf(
    log: Awaited<ReturnType<typeof open>>,
    name: string,
    filter: string,
  ): Promise<number> {
    const manager = await jetstreamManager(log.connection);
    const { state } = await manager.streams.info(name, { subjects_filter: filter });
    return Object.values(state.subjects ?? {}).reduce((sum, count) => sum + count, 0);
  }

  test("[NATS-6] a node that opens a long room reads a snapshot and what follows, and knows all that the others know", async () => {
    const log = await open();
    await fillOneByOne(log, "long", 1, 700);
    await log.redact("long", 600);
    await log.trim("long", 500);
    await until(async () => (await streamOf(log, "forget_0", "forget.p.0.*")) < 300, 5_000);
    assert.ok(
      (await streamOf(log, "forget_0", "forget.p.0.*")) < 300,
      "records of forgotten messages are gone",
    );
    await fillOneByOne(log, "long", 701, 720);
    const late = await open();
    try {
      assert.deepEqual(await late.read("long", 0, WIDE), await log.read("long", 0, WIDE));
      assert.deepEqual(await late.related("long", [3], 20, WIDE), await log.related("long", [3], 20, WIDE));
      assert.deepEqual(await late.rooms("", 10), await log.rooms("", 10));
      const { epoch, head } = await log.head("long");
      assert.deepEqual(await late.append(appendOf("long", 720)), { kind: "duplicate", epoch, offset: head });
      assert.equal((await late.append(appendOf("long", 721))).kind, "appended");
      assert.equal((await streamOf(log, "forget_side", "forget.s.>")) <= 1, true, "one snapshot is kept");
    } finally {
      await late.close();
      await log.close();
    }
  });

  test("[NATS-6] a room that was deleted and written again is the new one for who comes later, too", async () => {
    const log = await open();
    await fill(log, "gone", 20);
    await log.redact("gone", 3);
    assert.equal(await log.delete("gone"), true);
    await fill(log, "gone", 2);
    assert.equal(await streamOf(log, "forget_side", "forget.x.>"), 1, "of the other test's room only");
    const late = await open();
    try {
      const page = await late.read("gone", 0, WIDE);
      assert.equal(page.messages.length, 2);
      assert.deepEqual(page, await log.read("gone", 0, WIDE));
    } finally {
      await late.close();
      await log.close();
    }
  });

  test("[NATS-15] what grows too old is forgotten in rooms that no node has open, too", async () => {
    const writing = await open();
    await fillOneByOne(writing, "closed", 1, 5);
    await writing.close();
    const records = `forget.p.0.${Buffer.from("closed").toString("base64url")}`;
    // A second's age, and a walk through all rooms every two.
    const log = await openNatsLog({
      ...{ url: cluster.url, name: "forget", shards: 1 },
      ...{ retention: { days: 1 / 86_400 }, sweepEveryMs: 5 },
    });
    try {
      assert.equal(await streamOf(log, "forget_0", records), 5);
      const isForgotten = async (): Promise<boolean> => (await streamOf(log, "forget_0", records)) === 1;
      assert.ok(await until(isForgotten, 20_000), "it is there still");
      const page = await log.read("closed", 0, WIDE);
      assert.deepEqual([page.messages.length, page.head, page.earliest], [0, 5, 6]);
    } finally {
      await log.close();
    }
  });

  test("[NATS-7] an erasure that broke off after it was decided is taken up by whoever has the room open", async () => {
    const log = await open();
    await fill(log, "broken off", 5);
    // Decided, and then nothing: as if the node had died before it touched the disk.
    const manager = await jetstreamManager(log.connection);
    const subject = `forget.p.0.${Buffer.from("broken off").toString("base64url")}`;
    const { epoch } = await log.head("broken off");
    const last = await manager.streams.getMessage("forget_0", { last_by_subj: subject });
    const prev = last?.seq;
    const record = {
      id: "dead-node",
      epoch,
      prev,
      prevId: idOf(last?.string()),
      base: 5,
      at: 1,
      messages: [],
      redact: [2],
    };
    log.connection.publish(subject, `${JSON.stringify(record)}\n`);
    await log.close();
    const next = await openNatsLog({ url: cluster.url, name: "forget", sweepEveryMs: 20 });
    try {
      assert.equal((await next.read("broken off", 1, WIDE)).messages[0]?.bodyJson, null);
      const isGone = async (): Promise<boolean> =>
        (await manager2.streams.getMessage("forget_0", { seq: prev ?? 0 })) === null;
      const manager2 = await jetstreamManager(next.connection);
      assert.ok(await until(isGone, 5_000), "the record is no longer in the stream");
      const { messages } = await next.read("broken off", 0, WIDE);
      assert.deepEqual(
        messages.map(({ bodyJson }) => bodyJson === null),
        [false, true, false, false, false],
      );
    } finally {
      await next.close();
    }
  });

  test("[NATS-7] copies of a record that came to nothing go, too: they hold what may have been erased", async () => {
    const log = await openNatsLog({ url: cluster.url, name: "forget", sweepEveryMs: 20 });
    try {
      await fill(log, "copied", 3);
      const manager = await jetstreamManager(log.connection);
      const subject = `forget.p.0.${Buffer.from("copied").toString("base64url")}`;
      const first = await manager.streams.getMessage("forget_0", { last_by_subj: subject });
      assert.ok(first !== null);
      log.connection.publish(subject, first.data);
      await log.connection.flush();
      const { state } = await manager.streams.info("forget_0");
      const isThere = async (): Promise<boolean> =>
        (await manager.streams.info("forget_0")).state.last_seq > first.seq;
      assert.ok(state.last_seq >= first.seq && (await until(isThere, 5_000)), "the stream took it");
      // The newest record of a room stays until there is a newer one.
      await log.append(appendOf("copied", 4));
      assert.ok(
        await until(async () => (await streamOf(log, "forget_0", subject)) === 2, 5_000),
        "it is gone",
      );
      assert.equal((await log.read("copied", 0, WIDE)).messages.length, 4);
      assert.equal((await log.append(appendOf("copied", 5))).kind, "appended");
    } finally {
      await log.close();
    }
  });

  test("[NATS-7] a node that takes a record for void removes it only where the stream holds another in its place", async () => {
    const log = await openNatsLog({ url: cluster.url, name: "forget", sweepEveryMs: 20 });
    try {
      await fill(log, "mistaken", 3);
      const { epoch } = await log.head("mistaken");
      const manager = await jetstreamManager(log.connection);
      const subject = `forget.p.0.${Buffer.from("mistaken").toString("base64url")}`;
      const last = await manager.streams.getMessage("forget_0", { last_by_subj: subject });
      // To this node it follows nothing; to one that knows better it may.
      const message = ["other", "p", 1, -1, 1, 3];
      const prevId = idOf(last?.string());
      const other = { id: "other", epoch, prev: last?.seq, prevId, base: 70, at: 1, messages: [message] };
      log.connection.publish(subject, `${JSON.stringify(other)}\n"o"`);
      log.connection.publish(subject, last?.data ?? "");
      await log.connection.flush();
      assert.ok(await until(async () => (await streamOf(log, "forget_0", subject)) >= 3, 5_000));
      await log.append(appendOf("mistaken", 4));
      const records = await streamOf(log, "forget_0", subject);
      assert.ok(
        await until(async () => (await streamOf(log, "forget_0", subject)) === records - 1, 5_000),
        "the copy is gone",
      );
      const newest = await manager.streams.getMessage("forget_0", { seq: (last?.seq ?? 0) + 1 });
      assert.match(newest?.string() ?? "", /"id":"other"/);
    } finally {
      await log.close();
    }
  });

  test("[NATS-4] what lost against an erased record stays void for who reads over its place", async () => {
    const log = await open();
    let late: RoomLog | null = null;
    try {
      await log.append(appendOf("rivals", 1));
      const { epoch } = await log.head("rivals");
      const manager = await jetstreamManager(log.connection);
      const subject = `forget.p.0.${Buffer.from("rivals").toString("base64url")}`;
      // A rival of the first record, behind it.
      const message = ["rival", "p", 1, -1, 1, 3];
      const rival = { id: "rival", epoch, prev: 0, prevId: "", base: 0, at: 1, messages: [message] };
      log.connection.publish(subject, `${JSON.stringify(rival)}\n"r"`);
      await log.append(appendOf("rivals", 2));
      assert.equal(await log.redact("rivals", 1), true);
      assert.ok((await manager.streams.getMessage("forget_0", { last_by_subj: subject })) !== null);
      // It opens the room only now, and reads it from its first record.
      late = await open();
      const page = await late.read("rivals", 0, WIDE);
      assert.deepEqual(page, await log.read("rivals", 0, WIDE));
      assert.deepEqual(
        page.messages.map(({ from, bodyJson }) => [from, bodyJson]),
        [
          ["ada-identity", null],
          ["ada-identity", '"message 2"'],
        ],
      );
    } finally {
      await late?.close();
      await log.close();
    }
  });
});

/** Of a record as it is stored. */
function idOf(record: string | undefined): string | undefined {
  return /"id":"([^"]+)"/.exec(record ?? "")?.[1];
}
