import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { CodedError } from "@parlor/base";
import type { LogStatus, RoomChange, RoomLog, StoredMessage } from "@parlor/log";
import {
  appendOf,
  fill,
  freshRoom,
  offsetOf,
  type RoomLogContract,
  type RoomLogSubject,
  TailRecorder,
  WIDE,
  TIMELY,
} from "./room-log-subject.ts";

/** What `tail`, `status` and `close` promise. */
export function describeFollowing({ name, create, isOnDisk }: RoomLogContract): void {
  describe(`${name}: tail`, TIMELY, () => {
    let subject: RoomLogSubject;
    let log: RoomLog;
    before(async () => {
      subject = await create({});
      log = subject.log;
    });
    after(() => subject.dispose());

    test("[LOG-16] the tail tells what is committed from now on, each once, in order, in unbroken batches", async () => {
      const room = freshRoom();
      await fill(log, room, 5);
      const { head, epoch } = await log.head(room);
      const recorder = await TailRecorder.follow(log, room);
      const offsets = await fill(log, room, 200, () => ({ producer: "producer2" }));
      await recorder.until(({ offsets: told }) => told.length >= 200);
      assert.deepEqual(recorder.offsets, offsets);
      let last = head;
      for (const event of recorder.events) {
        assert.ok(event.kind === "messages");
        assert.equal(event.epoch, epoch);
        assert.equal(event.after, last);
        last = event.messages.at(-1)?.offset ?? 0;
      }
      recorder.close();
    });

    test("[LOG-16] a message is told as a read would give it", async () => {
      const room = freshRoom();
      const recorder = await TailRecorder.follow(log, room);
      await fill(log, room, 3, (seq) => ({
        re: seq === 2 ? 1 : undefined,
        bodyJson: `{"n":${seq},"t":"⚓"}`,
      }));
      await recorder.until(({ offsets }) => offsets.length >= 3);
      const told: StoredMessage[] = recorder.events.flatMap((event) =>
        event.kind === "messages" ? event.messages : [],
      );
      assert.deepEqual(told, (await log.read(room, 0, WIDE)).messages);
      recorder.close();
    });

    test("[LOG-16] neither a duplicate nor a refusal nor another room is told", async () => {
      const room = freshRoom();
      const recorder = await TailRecorder.follow(log, room);
      await log.append(appendOf(room, 1));
      await log.append(appendOf(room, 1));
      await log.append(appendOf(room, 9, { afterSeq: 8 }));
      await log.append(appendOf(freshRoom(), 1));
      const last = offsetOf(await log.append(appendOf(room, 2)));
      await recorder.until(({ offsets }) => offsets.includes(last));
      assert.deepEqual(recorder.offsets, [1, last]);
      recorder.close();
    });

    test("[LOG-16] every listener of a room is told, and one that closed is not", async () => {
      const room = freshRoom();
      const first = await TailRecorder.follow(log, room);
      const second = await TailRecorder.follow(log, room);
      await fill(log, room, 2);
      await Promise.all([first, second].map((it) => it.until(({ offsets }) => offsets.length >= 2)));
      first.close();
      first.close();
      await log.append(appendOf(room, 3));
      await second.until(({ offsets }) => offsets.length >= 3);
      assert.equal(first.offsets.length, 2);
      second.close();
    });

    test("[LOG-16] what the tail has told, a read shows", async () => {
      const room = freshRoom();
      const reads: Promise<boolean>[] = [];
      const tail = await log.tail(room, (event) => {
        if (event.kind !== "messages") return;
        const newest = event.messages.at(-1)?.offset ?? 0;
        reads.push(log.head(room).then(({ head }) => head >= newest));
      });
      await fill(log, room, 100);
      assert.ok((await Promise.all(reads)).every(Boolean));
      tail.close();
    });

    test("[LOG-17] following and then reading makes a feed without gap or duplicate while others append", async () => {
      const room = freshRoom();
      const total = 1_500;
      const appends: Promise<unknown>[] = [];
      const feeds: Promise<number[]>[] = [];
      for (let round = 0; round < 30; round++) {
        for (let i = 1; i <= total / 30; i++) {
          appends.push(log.append(appendOf(room, round * (total / 30) + i)));
        }
        feeds.push(feedOf(log, room, total));
        await new Promise((resolve) => setImmediate(resolve));
      }
      await Promise.all(appends);
      const expected = (await log.read(room, 0, WIDE)).messages.map((message) => message.offset);
      assert.equal(expected.length, total);
      for (const feed of await Promise.all(feeds)) assert.deepEqual(feed, expected);
    });

    test("[LOG-68] who watches is told in which rooms something is committed from now on, whatever it is", async () => {
      const [one, two] = [freshRoom(), freshRoom()];
      await fill(log, one, 2);
      const changes: RoomChange[] = [];
      const told = Promise.withResolvers<void>();
      const watch = await log.watch((change) => {
        if (change.kind !== "missed" && change.room !== one && change.room !== two) return;
        changes.push(change);
        if (change.kind === "deleted") told.resolve();
      });
      const { epoch } = await log.head(one);
      await log.append(appendOf(one, 3));
      await log.append(appendOf(two, 1));
      await log.redact(one, 2);
      await log.trim(one, 2);
      await log.delete(two);
      await told.promise;
      watch.close();
      await log.append(appendOf(one, 4));
      assert.deepEqual(
        changes.filter((change) => change.kind !== "missed" && change.room === one),
        [
          { kind: "written", room: one, epoch, head: 3 },
          { kind: "redacted", room: one, offset: 2 },
          { kind: "trimmed", room: one, earliest: 2 },
        ],
      );
      assert.deepEqual(
        changes.filter((change) => change.kind !== "missed" && change.room === two),
        [
          { kind: "written", room: two, epoch, head: 1 },
          { kind: "deleted", room: two },
        ],
      );
    });

    test("[LOG-17] appends, reads, trims and redactions of one room may overlap", async () => {
      const room = freshRoom();
      const work: Promise<unknown>[] = [];
      for (let seq = 1; seq <= 200; seq++) {
        work.push(log.append(appendOf(room, seq)));
        if (seq % 10 === 0) work.push(log.read(room, seq / 2, WIDE), log.readBefore(room, seq, WIDE));
        if (seq % 20 === 0) work.push(log.trim(room, seq / 4), log.redact(room, seq - 5), log.head(room, 5));
      }
      await Promise.all(work);
      const page = await log.read(room, 0, WIDE);
      assert.equal(page.earliest, 50);
      assert.deepEqual(
        page.messages.map((message) => message.seq),
        Array.from({ length: 151 }, (_, i) => i + 50),
      );
      assert.deepEqual(
        page.messages.filter((message) => message.bodyJson === null).map((message) => message.seq),
        [55, 75, 95, 115, 135, 155, 175, 195],
      );
    });
  });

  describe(`${name}: close`, TIMELY, () => {
    test("[LOG-18] closing finishes what was accepted, then refuses everything as unavailable", async () => {
      const { log, dispose } = bind(await create({}));
      const statuses: LogStatus[] = [];
      const stop = log.onStatus((status) => statuses.push(status));
      assert.equal(log.status.kind, "ready");
      const appends = fill(log, "lobby", 100);
      const closing = log.close();
      const again = log.close();
      assert.deepEqual((await appends).length, 100);
      await closing;
      await again;
      await log.close();
      assert.deepEqual(
        statuses.map((status) => status.kind),
        ["closed"],
      );
      assert.equal(log.status.kind, "closed");
      stop();
      const calls: (() => Promise<unknown>)[] = [
        () => log.append(appendOf("lobby", 101)),
        () => log.read("lobby", 0, WIDE),
        () => log.readBefore("lobby", Infinity, WIDE),
        () => log.related("lobby", [1], 1, WIDE),
        () => log.head("lobby"),
        () => log.tail("lobby", () => {}),
        () => log.trim("lobby", 2),
        () => log.redact("lobby", 1),
        () => log.delete("lobby"),
        () => log.rooms("", 1),
      ];
      for (const call of calls) {
        await assert.rejects(call, (error) => error instanceof CodedError && error.code === "unavailable");
      }
      await dispose();
    });

    test("[LOG-18] what is called after `close` in the same turn is refused, and no tail tells any more", async () => {
      const { log, dispose } = bind(await create({}));
      const recorder = await TailRecorder.follow(log, "lobby");
      await log.append(appendOf("lobby", 1));
      await recorder.until(({ offsets }) => offsets.length === 1);
      const closing = log.close();
      await assert.rejects(log.append(appendOf("lobby", 2)), { code: "unavailable" });
      await closing;
      assert.deepEqual(recorder.offsets, [1]);
      await dispose();
    });

    if (!isOnDisk) return;
    test("[LOG-19] what was kept is there when the log is opened again, under the same epoch", async () => {
      const first = await create({});
      assert.ok(first.reopen !== undefined);
      await fill(first.log, "lobby", 30);
      await first.log.trim("lobby", 5);
      await first.log.redact("lobby", 7);
      await fill(first.log, "gone", 3);
      await first.log.delete("gone");
      const before = [await first.log.read("lobby", 0, WIDE), await first.log.rooms("", 10)];
      const goneEpoch = (await first.log.head("gone")).epoch;
      const second = await first.reopen();
      assert.deepEqual([await second.log.read("lobby", 0, WIDE), await second.log.rooms("", 10)], before);
      assert.equal((await second.log.head("gone")).epoch, goneEpoch);
      const { epoch, head } = await second.log.head("lobby");
      assert.deepEqual(await second.log.append(appendOf("lobby", 30)), {
        kind: "duplicate",
        epoch,
        offset: head,
      });
      assert.equal(offsetOf(await second.log.append(appendOf("lobby", 31))), head + 1);
      await second.dispose();
    });
  });
}

function bind(subject: RoomLogSubject): { log: RoomLog; dispose: () => Promise<void> } {
  return { log: subject.log, dispose: () => subject.dispose() };
}

/** The offsets that a follower sees who follows first and then reads, until it has `count`. */
async function feedOf(log: RoomLog, room: string, count: number): Promise<number[]> {
  const recorder = await TailRecorder.follow(log, room);
  const seen: number[] = [];
  for (;;) {
    const page = await log.read(room, seen.at(-1) ?? 0, { maxMessages: 97, maxBytes: Infinity });
    seen.push(...page.messages.map((message) => message.offset));
    if (!page.more) break;
  }
  await recorder.until(({ offsets }) => {
    const last = seen.at(-1) ?? 0;
    return seen.length + offsets.filter((offset) => offset > last).length >= count;
  });
  recorder.close();
  let last = seen.at(-1) ?? 0;
  for (const event of recorder.events) {
    if (event.kind !== "messages") continue;
    const fresh = event.messages.filter((message) => message.offset > last);
    if (fresh.length === 0) continue;
    // A batch follows what was seen, or begins within it.
    assert.ok(event.after <= last, `a batch after ${event.after} does not follow ${last}`);
    seen.push(...fresh.map((message) => message.offset));
    last = seen.at(-1) ?? 0;
  }
  return seen;
}
