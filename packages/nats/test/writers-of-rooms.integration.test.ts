import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { openNatsLog } from "@parlor/nats";
import { appendOf, NatsCluster, until } from "@parlor/testkit";
import { assertKept, publishUntil } from "./writers.ts";

describe("the node that writes to a room", { timeout: 60_000 }, () => {
  let cluster: NatsCluster;
  let other: NatsConnection;
  before(async () => {
    cluster = await NatsCluster.start();
    other = await connect({ servers: cluster.urlOf(0) });
  });
  after(async () => {
    await other.close();
    await cluster.stop();
  });

  test("[NATS-8] nodes hand appends to one of them, and what they acknowledge is there for their own readers", async () => {
    const options = { url: cluster.url, name: "handing", shards: 1 };
    const logs = [await openNatsLog(options), await openNatsLog(options), await openNatsLog(options)];
    let handed = 0;
    other.subscribe("handing.w.*", { callback: () => void (handed += 1) });
    await other.flush();
    const rooms = ["a", "b", "c", "d"];
    try {
      const writers = logs.flatMap((log, i) =>
        rooms.map(async (room) => {
          const acked = await publishUntil(log, room, `writer${i}`, ({ length }) => length >= 25);
          const { head } = await log.head(room);
          assert.ok(head >= (acked.at(-1)?.offset ?? Infinity), "a read shows what was acknowledged");
          return { room, acked };
        }),
      );
      const done = await Promise.all(writers);
      for (const room of rooms) {
        const acked = done.filter((each) => each.room === room).flatMap((each) => each.acked);
        assert.equal((await assertKept(logs[0] ?? assert.fail(), room, acked)).length, 75);
      }
      assert.ok(handed > 0, "some room's writer is another node");
    } finally {
      await Promise.all(logs.map((log) => log.close()));
    }
  });

  test("[CLUSTER-12] a node that joins takes its share of the rooms, and no room changes to another one", async () => {
    const options = { url: cluster.url, name: "joining", shards: 1 };
    const handed = new Map<string, string>();
    other.subscribe("joining.w.*", {
      callback: (_, message) => {
        const [append] = message.json<{ room: string }[]>();
        handed.set(append?.room ?? "", message.subject.slice("joining.w.".length));
      },
    });
    await other.flush();
    const rooms = Array.from({ length: 48 }, (_, i) => `room ${i}`);
    const asking = await openNatsLog({ ...options, nodeId: "asking" });
    const second = await openNatsLog({ ...options, nodeId: "second" });
    let seq = 0;
    /** Who was handed the room's append; undefined where it was made where it was asked for. */
    const writers = async (): Promise<(string | undefined)[]> => {
      handed.clear();
      seq += 1;
      await Promise.all(rooms.map((room) => asking.append(appendOf(room, seq))));
      await asking.connection.flush();
      await other.flush();
      return rooms.map((room) => handed.get(room));
    };
    const idOf = (node: string): string => Buffer.from(node).toString("base64url");
    try {
      let before: (string | undefined)[] = [];
      assert.ok(await until(async () => (before = await writers()).includes(idOf("second")), 30_000));
      const third = await openNatsLog({ ...options, nodeId: "third" });
      try {
        let after: (string | undefined)[] = [];
        assert.ok(await until(async () => (after = await writers()).includes(idOf("third")), 30_000));
        const moved = after.filter((writer) => writer === idOf("third")).length;
        // A third of 48 by hash, which is the same at every run.
        assert.ok(moved >= 8 && moved <= 26, `${moved} of 48`);
        for (const [i, writer] of after.entries()) {
          if (writer !== idOf("third")) assert.equal(writer, before[i], rooms[i]);
        }
      } finally {
        await third.close();
      }
    } finally {
      await Promise.all([asking.close(), second.close()]);
    }
  });

  test("[NATS-8] where that one is silent, a node writes itself", async () => {
    const log = await openNatsLog({ url: cluster.url, name: "silent", shards: 1 });
    const asked: string[] = [];
    other.subscribe(`silent.w.${Buffer.from("ghost").toString("base64url")}`, {
      callback: (_, message) => void asked.push(message.json<{ room: string }[]>()[0]?.room ?? ""),
    });
    await other.flush();
    other.publish("silent.n", "+ghost");
    await other.flush();
    await log.connection.flush();
    try {
      for (let i = 0; i < 12; i++) {
        // It says that it is there, for longer than its silence counts.
        other.publish("silent.n", "+ghost");
        assert.equal((await log.append(appendOf(`room ${i}`, 1))).kind, "appended");
      }
      assert.ok(await until(() => asked.length > 0, 1_000), "of twelve rooms one is the ghost's");
      const [room = ""] = asked;
      assert.equal((await log.head(room)).head, 1);
    } finally {
      await log.close();
    }
  });
});
