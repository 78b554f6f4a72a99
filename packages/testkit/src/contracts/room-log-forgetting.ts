import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sideRoom, type LogOptions, type Retention, type RoomLog, type TailEvent } from "@parlor/log";
import {
  appendOf,
  fill,
  freshRoom,
  type RoomLogContract,
  type RoomLogSubject,
  SettableClock,
  TailRecorder,
  until,
  WIDE,
  TIMELY,
} from "./room-log-subject.ts";

const notMessages = (event: TailEvent): boolean => event.kind !== "messages";

/** What `trim`, `redact`, `delete` and retention promise. */
export function describeForgetting({ name, create, isOnDisk }: RoomLogContract): void {
  describe(`${name}: trim, redact, delete`, TIMELY, () => {
    let subject: RoomLogSubject;
    let log: RoomLog;
    before(async () => {
      subject = await create({});
      log = subject.log;
    });
    after(() => subject.dispose());

    test("[LOG-20] trimming forgets what lies before an offset; the head and later offsets stay", async () => {
      const room = freshRoom();
      const offsets = await fill(log, room, 10, () => ({ re: 1, bodyJson: "12345" }));
      const recorder = await TailRecorder.follow(log, room);
      assert.equal(await log.trim(room, offsets[4] ?? 0), offsets[4]);
      const page = await log.read(room, 0, WIDE);
      assert.deepEqual(
        page.messages.map((message) => message.offset),
        offsets.slice(4),
      );
      assert.deepEqual([page.earliest, page.head], [offsets[4], offsets[9]]);
      assert.equal((await log.readBefore(room, Infinity, WIDE)).more, false);
      assert.equal((await log.head(room, 500)).after, (offsets[4] ?? 0) - 1);
      assert.equal((await log.related(room, [1], 100, WIDE)).length, 6);
      const summary = (await log.rooms("", 10_000)).find((it) => it.room === room);
      assert.deepEqual([summary?.messages, summary?.bytes], [6, 30]);
      await recorder.until(({ events }) => events.length >= 1);
      assert.deepEqual(recorder.events.at(-1), { kind: "trimmed", earliest: offsets[4] });
      recorder.close();
    });

    test("[LOG-20] trimming again, or less far, changes nothing and tells nothing", async () => {
      const room = freshRoom();
      await fill(log, room, 5);
      assert.equal(await log.trim(room, 3), 3);
      const recorder = await TailRecorder.follow(log, room);
      for (const before of [3, 2, 1, 0]) assert.equal(await log.trim(room, before), 3);
      await log.append(appendOf(room, 6));
      await recorder.until(({ offsets }) => offsets.length === 1);
      assert.equal(recorder.events.filter(notMessages).length, 0);
      recorder.close();
    });

    test("[LOG-20] a room that is trimmed whole goes on behind its head and still knows its producers", async () => {
      const room = freshRoom();
      const offsets = await fill(log, room, 3);
      const head = offsets[2] ?? 0;
      assert.equal(await log.trim(room, Infinity), head + 1);
      const { epoch } = await log.head(room);
      assert.deepEqual(await log.head(room, 50), { epoch, head, earliest: head + 1, after: head });
      assert.deepEqual(await log.read(room, 0, WIDE), {
        epoch,
        head,
        earliest: head + 1,
        messages: [],
        more: false,
      });
      assert.deepEqual(await log.append(appendOf(room, 3)), { kind: "duplicate", epoch, offset: head });
      const result = await log.append(appendOf(room, 4));
      assert.ok(result.kind === "appended" && result.offset > head && result.epoch === epoch);
    });

    test("[LOG-20] a long room is trimmed whole while others append", async () => {
      const room = freshRoom();
      await fill(log, room, 3_000);
      const recorder = await TailRecorder.follow(log, room);
      const [earliest] = await Promise.all([log.trim(room, 2_901), fill(log, freshRoom(), 200)]);
      assert.equal(earliest, 2_901);
      assert.equal((await log.read(room, 0, WIDE)).messages.length, 100);
      const told = recorder.events.flatMap((event) => (event.kind === "trimmed" ? [event.earliest] : []));
      assert.equal(told.at(-1), 2_901);
      assert.deepEqual(
        told.toSorted((a, b) => a - b),
        told,
      );
      recorder.close();
    });

    test("[LOG-21] an erased body is null for every reader, its message keeps its place, and the tail tells", async () => {
      const room = freshRoom();
      const offsets = await fill(log, room, 3, (seq) => ({ re: seq === 2 ? 1 : undefined }));
      const target = offsets[1] ?? 0;
      const recorder = await TailRecorder.follow(log, room);
      const [before] = (await log.read(room, target - 1, WIDE)).messages;
      assert.equal(await log.redact(room, target), true);
      const { messages } = await log.read(room, 0, WIDE);
      assert.deepEqual(messages[1], { ...before, bodyJson: null });
      assert.deepEqual((await log.readBefore(room, Infinity, WIDE)).messages, messages);
      assert.deepEqual((await log.related(room, [1], 10, WIDE))[0]?.bodyJson, null);
      await recorder.until(({ events }) => events.length >= 1);
      assert.deepEqual(recorder.events, [{ kind: "redacted", offset: target }]);
      recorder.close();
    });

    test("[LOG-21] erasing twice is the same as once, and what is not there can't be erased", async () => {
      const room = freshRoom();
      await fill(log, room, 3, () => ({ bodyJson: "12345" }));
      const recorder = await TailRecorder.follow(log, room);
      assert.equal(await log.redact(room, 2), true);
      assert.equal(await log.redact(room, 2), true);
      await log.trim(room, 2);
      for (const offset of [0, 1, 4, 1e12]) assert.equal(await log.redact(room, offset), false);
      const summary = (await log.rooms("", 10_000)).find((it) => it.room === room);
      assert.deepEqual([summary?.messages, summary?.bytes], [2, 5]);
      await recorder.until(({ events }) => events.some((event) => event.kind === "trimmed"));
      assert.equal(recorder.events.filter((event) => event.kind === "redacted").length, 1);
      recorder.close();
    });

    test("[LOG-67] who takes back their words erases them with what they made of them since, and nobody else's", async () => {
      const room = freshRoom();
      const say = async (from: string, seq: number, re?: number): Promise<number> => {
        const result = await log.append(appendOf(room, seq, { from, re, bodyJson: `"${from} ${seq}"` }));
        assert.equal(result.kind, "appended");
        return result.kind === "appended" ? result.offset : 0;
      };
      const target = await say("ada", 1);
      const edit = await say("ada", 2, target);
      const comment = await say("bob", 1, target);
      const other = await say("ada", 3);
      const deletion = await say("ada", 4, target);
      const erased = async (): Promise<readonly number[]> =>
        (await log.read(room, 0, WIDE)).messages
          .filter(({ bodyJson }) => bodyJson === null)
          .map(({ offset }) => offset);
      assert.equal(await log.redact(room, target, { from: "bob", before: comment }), false);
      assert.deepEqual(await erased(), []);
      const recorder = await TailRecorder.follow(log, room);
      assert.equal(await log.redact(room, target, { from: "ada", before: deletion }), true);
      assert.deepEqual(await erased(), [target, edit]);
      await recorder.until(({ events }) => events.length >= 2);
      assert.deepEqual(
        recorder.events,
        [target, edit].map((offset) => ({ kind: "redacted", offset })),
      );
      recorder.close();
      assert.ok(other > comment);
      // What nobody has any more still lets its edits be taken back, however many there are.
      const many: Promise<number>[] = [];
      for (let seq = 5; seq < 455; seq++) many.push(say("ada", seq, target));
      const newest = Math.max(...(await Promise.all(many)));
      await log.trim(room, edit);
      assert.equal(await log.redact(room, target, { from: "ada", before: newest }), false);
      const left = (await log.related(room, [target], 1_000, WIDE)).filter(
        ({ bodyJson }) => bodyJson !== null,
      );
      assert.deepEqual(
        left.map(({ offset }) => offset),
        [comment, newest],
      );
    });

    test("[LOG-22] a deleted room is as if unwritten, under a new epoch, and forgets its producers", async () => {
      const room = freshRoom();
      await fill(log, room, 5);
      const { epoch } = await log.head(room);
      const recorder = await TailRecorder.follow(log, room);
      assert.equal(await log.delete(room), true);
      assert.equal(await log.delete(room), false);
      const empty = await log.head(room, 50);
      assert.deepEqual([empty.head, empty.earliest, empty.after], [0, 1, 0]);
      assert.notEqual(empty.epoch, epoch);
      assert.deepEqual((await log.read(room, 0, WIDE)).messages, []);
      assert.deepEqual(await log.append(appendOf(room, 6)), { kind: "unknown-producer" });
      const again = await log.append(appendOf(room, 1));
      assert.ok(again.kind === "appended" && again.offset === 1 && again.newProducer);
      assert.equal(again.epoch, empty.epoch);
      await recorder.until(({ offsets }) => offsets.length > 0);
      assert.deepEqual(
        recorder.events.map((event) => event.kind),
        ["deleted", "messages"],
      );
      const [, batch] = recorder.events;
      assert.ok(batch?.kind === "messages" && batch.after === 0 && batch.epoch === again.epoch);
      recorder.close();
    });

    test("[LOG-22] each deletion gives an epoch that never was before, and other rooms keep theirs", async () => {
      const room = freshRoom();
      const other = freshRoom();
      await log.append(appendOf(other, 1));
      const { epoch } = await log.head(other);
      const epochs = new Set<string>();
      for (let i = 0; i < 4; i++) {
        const result = await log.append(appendOf(room, 1));
        assert.ok(result.kind === "appended");
        epochs.add(result.epoch);
        await log.delete(room);
      }
      assert.equal(epochs.size, 4);
      assert.equal((await log.head(other)).epoch, epoch);
      for (const each of epochs) assert.match(each, /^[A-Za-z0-9._-]{1,64}$/);
    });

    if (!isOnDisk) return;
    test("[LOG-21] an erased body is gone from the disk once the promise is fulfilled", async () => {
      assert.ok(subject.bytesOnDisk !== undefined);
      const room = freshRoom();
      const secret = (seq: number): string => `s3cret-${seq}-${"whisper".repeat(seq % 3 === 0 ? 2_000 : 5)}`;
      await fill(log, room, 60, (seq) => ({ bodyJson: JSON.stringify(secret(seq)) }));
      assert.ok((await subject.bytesOnDisk()).includes("s3cret-30-"));
      for (const offset of [30, 31, 32]) assert.equal(await log.redact(room, offset), true);
      const bytes = await subject.bytesOnDisk();
      for (const offset of [30, 31, 32])
        assert.ok(!bytes.includes(`s3cret-${offset}-`), `${offset} is on disk`);
      assert.ok(bytes.includes("s3cret-29-") && bytes.includes("s3cret-33-"));
    });
  });

  describe(`${name}: retention`, TIMELY, () => {
    const kept = async (options: LogOptions, act: (log: RoomLog) => Promise<void>): Promise<void> => {
      const subject = await create({ ...options, sweepEveryMs: 5 });
      try {
        await act(subject.log);
      } finally {
        await subject.dispose();
      }
    };
    const trimmedTo = async (retention: Partial<Retention>, count: number, earliest: number): Promise<void> =>
      kept({ retention }, async (log) => {
        const recorder = await TailRecorder.follow(log, "lobby");
        await fill(log, "lobby", count, () => ({ bodyJson: "1234567890" }));
        await until(async () => (await log.head("lobby")).earliest === earliest);
        const page = await log.read("lobby", 0, WIDE);
        assert.equal(page.messages.length, count + 1 - earliest);
        await recorder.until(({ events }) =>
          events.some((event) => event.kind === "trimmed" && event.earliest === earliest),
        );
        assert.equal((await log.append(appendOf("lobby", 2))).kind, "duplicate");
        recorder.close();
      });

    test("[LOG-23] a room keeps its newest messages up to the count", () =>
      trimmedTo({ messages: 7 }, 50, 44));

    test("[LOG-23] a room keeps its newest messages up to the bytes", () => trimmedTo({ bytes: 99 }, 50, 42));

    test("[LOG-23] a message that is alone larger than the bytes is not kept", () =>
      trimmedTo({ bytes: 9 }, 3, 4));

    test("[LOG-23] a room that nobody writes to any more loses what grows too old", async () => {
      const clock = new SettableClock();
      await kept({ clock, retention: { days: 2 } }, async (log) => {
        await fill(log, "lobby", 3);
        clock.pass(86_400_000);
        await log.append(appendOf("lobby", 4));
        await log.append(appendOf("other", 1));
        clock.pass(86_400_001);
        await until(async () => (await log.head("lobby")).earliest === 4);
        assert.equal((await log.read("lobby", 0, WIDE)).messages.length, 1);
        assert.equal((await log.read("other", 0, WIDE)).messages.length, 1);
      });
    });

    test("[LOG-46] what the server keeps beside a room stays whole, whatever is kept of the room", async () => {
      const clock = new SettableClock();
      const beside = sideRoom("state", "lobby");
      await kept({ clock, retention: { messages: 2, bytes: 20, days: 2 } }, async (log) => {
        await fill(log, beside, 5, () => ({ bodyJson: "1234567890" }));
        await fill(log, "lobby", 5);
        await until(async () => (await log.head("lobby")).earliest > 3);
        clock.pass(2 * 86_400_001);
        await until(async () => (await log.head("lobby")).earliest === 6);
        assert.equal((await log.read(beside, 0, WIDE)).messages.length, 5);
        assert.equal(await log.trim(beside, 4), 4);
      });
    });
  });
}
