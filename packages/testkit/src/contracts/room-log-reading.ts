import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page, RoomLog, StoredMessage } from "@parlor/log";
import {
  appendOf,
  fill,
  freshRoom,
  offsetOf,
  type RoomLogContract,
  type RoomLogSubject,
  WIDE,
  TIMELY,
} from "./room-log-subject.ts";

const offsetsOf = (messages: readonly StoredMessage[]): number[] => messages.map((message) => message.offset);

/** What `read`, `readBefore`, `related`, `head` and `rooms` promise. */
export function describeReading({ name, create }: RoomLogContract): void {
  describe(`${name}: reading`, TIMELY, () => {
    let subject: RoomLogSubject;
    let log: RoomLog;
    before(async () => {
      subject = await create({});
      log = subject.log;
    });
    after(() => subject.dispose());

    test("[LOG-8] reading gives what lies behind a cursor, ascending, and whether there is more", async () => {
      const room = freshRoom();
      const offsets = await fill(log, room, 10);
      const page = await log.read(room, offsets[2] ?? 0, { maxMessages: 4, maxBytes: Infinity });
      assert.deepEqual(offsetsOf(page.messages), offsets.slice(3, 7));
      assert.equal(page.more, true);
      assert.equal(page.head, offsets[9]);
      assert.equal(page.earliest, offsets[0]);
      const rest = await log.read(room, offsets[6] ?? 0, { maxMessages: 3, maxBytes: Infinity });
      assert.deepEqual(offsetsOf(rest.messages), offsets.slice(7));
      assert.equal(rest.more, false);
    });

    test("[LOG-8] at and beyond the head there is nothing and no more", async () => {
      const room = freshRoom();
      const [offset = 0] = await fill(log, room, 1);
      for (const cursor of [offset, offset + 1, offset + 1_000_000, Number.MAX_SAFE_INTEGER]) {
        const page = await log.read(room, cursor, WIDE);
        assert.deepEqual([page.messages.length, page.more, page.head], [0, false, offset]);
      }
    });

    test("[LOG-9] reading backwards gives the newest before an offset, still ascending", async () => {
      const room = freshRoom();
      const offsets = await fill(log, room, 10);
      const bounds = { maxMessages: 4, maxBytes: Infinity };
      const newest = await log.readBefore(room, Infinity, bounds);
      assert.deepEqual(offsetsOf(newest.messages), offsets.slice(6));
      assert.equal(newest.more, true);
      const older = await log.readBefore(room, offsets[6] ?? 0, bounds);
      assert.deepEqual(offsetsOf(older.messages), offsets.slice(2, 6));
      const oldest = await log.readBefore(room, offsets[2] ?? 0, bounds);
      assert.deepEqual(offsetsOf(oldest.messages), offsets.slice(0, 2));
      assert.equal(oldest.more, false);
      for (const cursor of [0, 1]) {
        const none = await log.readBefore(room, cursor, bounds);
        assert.deepEqual([none.messages.length, none.more], [0, false]);
      }
      assert.deepEqual(offsetsOf((await log.readBefore(room, 1e15, WIDE)).messages), offsets);
    });

    test("[LOG-10] a page ends before the message that would pass its bytes", async () => {
      const room = freshRoom();
      const body = JSON.stringify("x".repeat(98));
      const offsets = await fill(log, room, 6, () => ({ bodyJson: body }));
      const bounds = { maxMessages: 100, maxBytes: 350 };
      const page = await log.read(room, 0, bounds);
      assert.deepEqual(offsetsOf(page.messages), offsets.slice(0, 3));
      assert.equal(page.more, true);
      assert.deepEqual(offsetsOf((await log.readBefore(room, Infinity, bounds)).messages), offsets.slice(3));
    });

    test("[LOG-10] a message larger than the bounds travels alone", async () => {
      const room = freshRoom();
      const offsets = await fill(log, room, 3, () => ({ bodyJson: JSON.stringify("x".repeat(1_000)) }));
      for (const bounds of [
        { maxMessages: 100, maxBytes: 10 },
        { maxMessages: 0, maxBytes: 0 },
      ]) {
        assert.deepEqual(offsetsOf((await log.read(room, 0, bounds)).messages), offsets.slice(0, 1));
        assert.deepEqual(
          offsetsOf((await log.readBefore(room, Infinity, bounds)).messages),
          offsets.slice(2),
        );
      }
    });

    test("[LOG-11] a room that nobody wrote to is empty, has the log's epoch, and reading it stores nothing", async () => {
      const room = freshRoom("unwritten");
      const written = freshRoom();
      await log.append(appendOf(written, 1));
      const { epoch } = await log.head(written);
      const empty: Page = { epoch, head: 0, earliest: 1, messages: [], more: false };
      assert.deepEqual(await log.read(room, 0, WIDE), empty);
      assert.deepEqual(await log.read(room, 77, WIDE), empty);
      assert.deepEqual(await log.readBefore(room, Infinity, WIDE), empty);
      assert.deepEqual(await log.related(room, [1], 10, WIDE), []);
      assert.deepEqual(await log.head(room, 50), { epoch, head: 0, earliest: 1, after: 0 });
      assert.equal(await log.trim(room, 5), 1);
      assert.equal(await log.redact(room, 1), false);
      assert.equal(await log.delete(room), false);
      assert.ok((await log.rooms("", 10_000)).every((summary) => summary.room !== room));
      assert.equal((await log.head(room)).epoch, epoch);
    });

    test("[LOG-12] a read that begins after an append was fulfilled shows it", async () => {
      const room = freshRoom();
      for (let seq = 1; seq <= 50; seq++) {
        const offset = offsetOf(await log.append(appendOf(room, seq)));
        const [page, backwards, head] = await Promise.all([
          log.read(room, offset - 1, WIDE),
          log.readBefore(room, Infinity, { maxMessages: 1, maxBytes: 1 }),
          log.head(room),
        ]);
        assert.equal(page.messages.at(-1)?.offset, offset);
        assert.equal(backwards.messages[0]?.offset, offset);
        assert.equal(head.head, offset);
      }
    });

    test("[LOG-12] what one page says of its room is of one moment", async () => {
      const room = freshRoom();
      const appends = fill(log, room, 400);
      for (let i = 0; i < 40; i++) {
        const page = await log.read(room, 0, WIDE);
        assert.equal(page.messages.at(-1)?.offset ?? 0, page.head);
        assert.equal(page.more, false);
      }
      await appends;
    });

    test("[LOG-13] related messages come ascending, of each offset the newest few", async () => {
      const room = freshRoom();
      const about: Record<number, number> = { 3: 1, 4: 2, 5: 1, 6: 1, 8: 2, 9: 7 };
      const offsets = await fill(log, room, 9, (seq) => ({ re: about[seq] }));
      assert.deepEqual(offsets, [1, 2, 3, 4, 5, 6, 7, 8, 9], "this test counts on a fresh room's offsets");
      const related = async (of: number[], each: number): Promise<number[]> =>
        offsetsOf(await log.related(room, of, each, WIDE));
      assert.deepEqual(await related([1, 2], 100), [3, 4, 5, 6, 8]);
      assert.deepEqual(await related([1, 2], 1), [6, 8]);
      assert.deepEqual(await related([2, 1, 1, 2], 2), [4, 5, 6, 8]);
      assert.deepEqual(await related([7], 100), [9]);
      assert.deepEqual(await related([5], 100), []);
      assert.deepEqual(await related([], 100), []);
      const [message] = await log.related(room, [7], 1, WIDE);
      assert.ok(message?.re === 7 && message.bodyJson === JSON.stringify("message 9"));
    });

    test("[LOG-13] where related messages pass the bounds, the oldest are left out", async () => {
      const room = freshRoom();
      const offsets = await fill(log, room, 9, (seq) => ({
        re: seq === 1 ? undefined : 1,
        bodyJson: "1234567890",
      }));
      const byCount = await log.related(room, [1], 100, { maxMessages: 3, maxBytes: Infinity });
      assert.deepEqual(offsetsOf(byCount), offsets.slice(6));
      const byBytes = await log.related(room, [1], 100, { maxMessages: 100, maxBytes: 45 });
      assert.deepEqual(offsetsOf(byBytes), offsets.slice(5));
      const atLeastOne = await log.related(room, [1], 100, { maxMessages: 100, maxBytes: 5 });
      assert.deepEqual(offsetsOf(atLeastOne), offsets.slice(8));
    });

    test("[LOG-14] `head` tells where the newest few begin, so that a chain can start there", async () => {
      const room = freshRoom();
      const offsets = await fill(log, room, 10);
      const head = offsets[9] ?? 0;
      assert.equal((await log.head(room)).after, head);
      assert.equal((await log.head(room, 0)).after, head);
      for (const newest of [1, 4, 10]) {
        const { after } = await log.head(room, newest);
        assert.deepEqual(offsetsOf((await log.read(room, after, WIDE)).messages), offsets.slice(10 - newest));
      }
      assert.equal((await log.head(room, 500)).after, (offsets[0] ?? 0) - 1);
    });

    test("[LOG-15] rooms that hold something are listed by name, a page at a time", async () => {
      const own = await create({});
      try {
        const names = ["b", "a", "ä", "Z", "\u{fffd}", "\u{1f600}", "a b"];
        for (const room of names) await fill(own.log, room, 2, () => ({ bodyJson: '"ä"' }));
        const sorted = names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        const listed: string[] = [];
        for (;;) {
          const page = await own.log.rooms(listed.at(-1) ?? "", 3);
          if (page.length === 0) break;
          assert.ok(page.length <= 3);
          listed.push(...page.map((summary) => summary.room));
        }
        assert.deepEqual(listed, sorted);
        const [summary] = await own.log.rooms("Z", 1);
        const { epoch, head } = await own.log.head("a");
        const { messages } = await own.log.read("a", 0, WIDE);
        const lastAt = messages.at(-1)?.at;
        assert.deepEqual(summary, { room: "a", epoch, head, earliest: 1, messages: 2, bytes: 8, lastAt });
      } finally {
        await own.dispose();
      }
    });

    test("[LOG-15] a room that lost all its messages is not listed", async () => {
      const own = await create({});
      try {
        await fill(own.log, "trimmed", 3);
        await fill(own.log, "deleted", 3);
        await fill(own.log, "kept", 3);
        await own.log.trim("trimmed", Infinity);
        await own.log.delete("deleted");
        assert.deepEqual(
          (await own.log.rooms("", 10)).map((summary) => summary.room),
          ["kept"],
        );
      } finally {
        await own.dispose();
      }
    });
  });
}
