import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Msg } from "@nats-io/transport-node";
import { systemClock } from "@parlor/base";
import type { SourcedRecord } from "./record-source.ts";
import { encodeRecord, type RoomRecord } from "./record.ts";
import { type FeedSource, RoomFeed } from "./room-feed.ts";

/** A room's records, one message each: those that are stored, or what one server made up from `from` on. */
function chain(count: number, from = Infinity): RoomRecord[] {
  const idOf = (i: number): string => (i < 0 ? "" : i >= from ? `made up ${i}` : `${i}`);
  return Array.from({ length: count }, (_, i) => {
    const bodyJson = JSON.stringify(idOf(i));
    const message = { from: "ada", producer: "p", seq: i + 1, re: undefined, remember: true, bodyJson };
    return {
      ...{ id: idOf(i), epoch: "epoch", prev: i, prevId: idOf(i - 1), base: i, at: 1 },
      messages: [message],
    };
  });
}

/** A stream of three copies: two have what was stored, and the leader something of its own at some sequences. */
function copies(stored: readonly RoomRecord[], wrong: ReadonlyMap<number, RoomRecord>): FeedSource {
  return {
    head: async () => stored.length,
    next: async (after): Promise<SourcedRecord | null> => {
      const record = wrong.get(after + 1) ?? stored[after];
      return record === undefined ? null : { seq: after + 1, data: encodeRecord(record) };
    },
    named: async (seq, id) => [stored[seq - 1], wrong.get(seq)].find((record) => record?.id === id) ?? null,
    commonestAt: async (seq) => stored[seq - 1]?.id ?? null,
    snapshot: async () => null,
    forgetSnapshots: async () => undefined,
    listen: async () => ({ unsubscribe: () => undefined }),
  };
}

/** Read up to its head; it goes on until it is closed. */
async function opened(
  source: FeedSource,
): Promise<{ readonly feed: RoomFeed; readonly told: { reloads: number; wentBack: number } }> {
  const told = { reloads: 0, wentBack: 0 };
  const feed = new RoomFeed(source, "epoch", systemClock, {
    onRecord: () => undefined,
    onReload: () => (told.reloads += 1),
    onWentBack: () => (told.wentBack += 1),
  });
  await feed.open();
  return { feed, told };
}

function made(first: number, last: number): Map<number, RoomRecord> {
  const records = chain(last, first - 1);
  return new Map(records.flatMap((record, i) => (i < first - 1 ? [] : [[i + 1, record] as const])));
}

describe("a room whose stream's leader has records that no other copy has", () => {
  test("[NATS-11] it is opened as most copies have it, wherever the others lie, and however many they are", async () => {
    const stored = chain(12);
    for (const [first, last] of [
      [1, 1],
      [4, 4],
      [4, 9],
      [1, 11],
      [12, 12],
      [9, 12],
      [1, 12],
    ] as const) {
      const { feed, told } = await opened(copies(stored, made(first, last)));
      feed.close();
      const { fold } = feed;
      assert.equal(told.wentBack, 0);
      assert.deepEqual([fold.index.head, fold.lastSeq, fold.lastId], [12, 12, "11"], `${first} to ${last}`);
    }
  });

  test("[NATS-11] who follows the room is told that what they have may be another", async () => {
    for (const [wrong, reloads] of [
      [made(4, 9), 1],
      [new Map(), 0],
    ] as const) {
      const { feed, told } = await opened(copies(chain(12), wrong));
      feed.close();
      assert.equal(told.reloads, reloads);
    }
  });

  test("[NATS-9] a leader that finds no newest record, since what was removed was behind all others, has lost nothing", async () => {
    const stored = chain(6);
    const source: FeedSource = { ...copies(stored, new Map()), head: async () => null };
    const { feed, told } = await opened(source);
    await feed.check();
    assert.deepEqual([feed.lastSeq, told.wentBack], [6, 0]);
    feed.close();
  });

  test("[NATS-9] what is heard while the cluster is asked for its head does not make it one that lost something", async () => {
    const stored = chain(60);
    let hear: (seq: number) => void = () => undefined;
    let known = 3;
    const asked = async (): Promise<number> => {
      const head = known;
      await Promise.resolve();
      if (known < stored.length) hear(++known);
      return head;
    };
    const source: FeedSource = {
      ...copies(stored, new Map()),
      head: asked,
      listen: async (listener) => {
        hear = (seq) => listener(live(seq, stored[seq - 1] ?? assert.fail()));
        return { unsubscribe: () => undefined };
      },
    };
    const { feed, told } = await opened(source);
    for (let i = 0; i < 3; i++) await feed.check();
    assert.deepEqual([feed.lastSeq, told.wentBack], [known, 0]);
    feed.close();
  });
});

/** As the broker publishes again what it stored. */
function live(seq: number, record: RoomRecord): Msg {
  const entries = new Map([
    ["Nats-Sequence", `${seq}`],
    ["Nats-Last-Sequence", `${seq - 1}`],
  ]);
  return {
    data: encodeRecord(record),
    headers: { get: (name: string) => entries.get(name) },
  } as unknown as Msg;
}
