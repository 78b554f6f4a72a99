import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { asQuestion, type RoomLog } from "@parlor/log";
import {
  appendOf,
  fill,
  freshRoom,
  offsetOf,
  type RoomLogContract,
  type RoomLogSubject,
  SettableClock,
  until,
  WIDE,
  TIMELY,
} from "./room-log-subject.ts";

/** What `append` promises. */
export function describeAppending({ name, create }: RoomLogContract): void {
  describe(`${name}: append`, TIMELY, () => {
    const clock = new SettableClock();
    let subject: RoomLogSubject;
    let log: RoomLog;
    before(async () => {
      subject = await create({ clock });
      log = subject.log;
    });
    after(() => subject.dispose());

    test("[LOG-1] offsets of a room begin at 1 and strictly rise", async () => {
      const offsets = await fill(log, freshRoom(), 20);
      assert.equal(offsets[0], 1);
      for (let i = 1; i < offsets.length; i++) assert.ok((offsets[i] ?? 0) > (offsets[i - 1] ?? 0));
    });

    test("[LOG-1] calls made in one turn for one room are taken in the order of the calls", async () => {
      const room = freshRoom();
      await Promise.all(
        Array.from({ length: 300 }, (_, i) =>
          log.append(
            appendOf(room, 1 + Math.floor(i / 3), { producer: `producer${i % 3}`, bodyJson: `${i}` }),
          ),
        ),
      );
      const { messages } = await log.read(room, 0, WIDE);
      assert.deepEqual(
        messages.map((message) => message.bodyJson),
        Array.from({ length: 300 }, (_, i) => `${i}`),
      );
    });

    test("[LOG-1] appends to many rooms at once give each room its own unbroken order", async () => {
      const rooms = Array.from({ length: 20 }, () => freshRoom());
      await Promise.all(rooms.map((room) => fill(log, room, 30)));
      for (const room of rooms) {
        const { messages, head } = await log.read(room, 0, WIDE);
        assert.deepEqual(
          messages.map((message) => message.seq),
          Array.from({ length: 30 }, (_, i) => i + 1),
        );
        assert.equal(head, messages.at(-1)?.offset);
      }
    });

    test("[LOG-2] a message comes back as it was given", async () => {
      const room = freshRoom();
      const bodyJson = JSON.stringify({ text: "naïve ⚓ 𝄞 \u2028 \u0000 \ud800", list: [1, null, 1e-7] });
      clock.ms += 5;
      const given = { from: "@server", producer: "p-_0000000000000000000000000000Z", seq: 9, afterSeq: 0 };
      const result = await log.append(appendOf(room, 9, { ...given, re: 4, bodyJson }));
      const { epoch } = await log.head(room);
      assert.deepEqual(result, { kind: "appended", epoch, offset: 1, at: clock.ms, newProducer: true });
      const { messages } = await log.read(room, 0, WIDE);
      assert.deepEqual(messages, [
        { offset: 1, from: given.from, producer: given.producer, seq: 9, at: clock.ms, re: 4, bodyJson },
      ]);
    });

    test("[LOG-2] a message without `re` has no such member, and odd whitespace in a body stays", async () => {
      const room = freshRoom();
      await log.append(appendOf(room, 1, { bodyJson: '{\n\t"a" : 1\r\n}' }));
      const [message] = (await log.read(room, 0, WIDE)).messages;
      assert.ok(message !== undefined && !("re" in message));
      assert.equal(message.bodyJson, '{\n\t"a" : 1\r\n}');
    });

    test("[LOG-2] bodies of 1 character and of 64 KiB, in one script or many, are kept whole", async () => {
      const room = freshRoom();
      const bodies = ["1", JSON.stringify("a".repeat(65_534)), JSON.stringify("語".repeat(21_844))];
      await fill(log, room, 3, (seq) => ({ bodyJson: bodies[seq - 1] ?? "" }));
      const { messages } = await log.read(room, 0, WIDE);
      assert.deepEqual(
        messages.map((message) => message.bodyJson),
        bodies,
      );
    });

    test("[LOG-3] a repetition of the newest seq is a duplicate and tells its offset", async () => {
      const room = freshRoom();
      const offset = offsetOf(await log.append(appendOf(room, 1)));
      const { epoch } = await log.head(room);
      for (let i = 0; i < 2; i++) {
        assert.deepEqual(await log.append(appendOf(room, 1)), { kind: "duplicate", epoch, offset });
      }
      assert.equal((await log.read(room, 0, WIDE)).messages.length, 1);
    });

    test("[LOG-3] a repetition of an older seq is a duplicate without an offset", async () => {
      const room = freshRoom();
      await fill(log, room, 3);
      const { epoch } = await log.head(room);
      assert.deepEqual(await log.append(appendOf(room, 2)), { kind: "duplicate", epoch, offset: undefined });
    });

    test("[LOG-3] the same seq many times in one turn is stored once", async () => {
      const room = freshRoom();
      const results = await Promise.all(Array.from({ length: 50 }, () => log.append(appendOf(room, 1))));
      assert.deepEqual(
        results.map((result) => result.kind),
        ["appended", ...Array.from({ length: 49 }, () => "duplicate")],
      );
      assert.ok(results.every((result) => "offset" in result && result.offset === 1));
    });

    test("[LOG-3] a producer that is not known and relies on an earlier seq is unknown", async () => {
      const room = freshRoom();
      assert.deepEqual(await log.append(appendOf(room, 2)), { kind: "unknown-producer" });
      assert.equal((await log.head(room)).head, 0);
    });

    test("[LOG-3] a known producer that relies on what never came is told what is expected", async () => {
      const room = freshRoom();
      await fill(log, room, 2);
      assert.deepEqual(await log.append(appendOf(room, 5, { afterSeq: 4 })), {
        kind: "out-of-order",
        expected: 3,
      });
    });

    test("[LOG-3] a producer may jump over seqs that it does not rely on", async () => {
      const room = freshRoom();
      await log.append(appendOf(room, 3, { afterSeq: 0 }));
      const result = await log.append(appendOf(room, 9, { afterSeq: 3 }));
      assert.equal(result.kind, "appended");
      assert.equal((await log.append(appendOf(room, 8, { afterSeq: 3 }))).kind, "duplicate");
    });

    test("[LOG-3] the same producer id of another identity, or in another room, is another producer", async () => {
      const room = freshRoom();
      await fill(log, room, 2);
      const other = await log.append(appendOf(room, 1, { from: "someone-else" }));
      const elsewhere = await log.append(appendOf(freshRoom(), 1));
      assert.equal(other.kind, "appended");
      assert.equal(elsewhere.kind, "appended");
    });

    test("[LOG-3] what is refused leaves no trace", async () => {
      const room = freshRoom();
      await log.append(appendOf(room, 1));
      await log.append(appendOf(room, 7, { afterSeq: 6 }));
      await log.append(appendOf(room, 3, { from: "stranger", afterSeq: 2 }));
      await log.append(appendOf(room, 1, { from: "turned-away", admit: "duplicate" }));
      assert.equal((await log.read(room, 0, WIDE)).messages.length, 1);
      assert.equal((await log.append(appendOf(room, 2))).kind, "appended");
      const late = await log.append(appendOf(room, 1, { from: "turned-away" }));
      assert.ok(late.kind === "appended" && late.newProducer);
    });

    test("[LOG-4] `known-producer` appends for a known producer and makes no new one", async () => {
      const room = freshRoom();
      const admit = "known-producer";
      assert.deepEqual(await log.append(appendOf(room, 1, { admit })), { kind: "not-admitted" });
      await log.append(appendOf(room, 1));
      const result = await log.append(appendOf(room, 2, { admit }));
      assert.ok(result.kind === "appended" && !result.newProducer);
    });

    test("[LOG-4] `duplicate` appends nothing, but answers a repetition", async () => {
      const room = freshRoom();
      const admit = "duplicate";
      await log.append(appendOf(room, 1));
      assert.deepEqual(await log.append(appendOf(room, 2, { admit })), { kind: "not-admitted" });
      assert.equal((await log.append(appendOf(room, 1, { admit }))).kind, "duplicate");
      assert.deepEqual(await log.append(appendOf(room, 1, { admit, remember: false })), {
        kind: "not-admitted",
      });
      assert.equal((await log.head(room)).head, 1);
    });

    test("[LOG-4] a question whether an append is stored stores nothing, whatever the answer", async () => {
      const room = freshRoom();
      assert.equal((await log.append(asQuestion(appendOf(room, 1)))).kind, "unknown-producer");
      await log.append(appendOf(room, 1));
      await log.append(appendOf(room, 2));
      for (const [seq, kind] of [
        [1, "duplicate"],
        [2, "duplicate"],
        [3, "out-of-order"],
      ] as const) {
        assert.equal((await log.append(asQuestion(appendOf(room, seq)))).kind, kind, `seq ${seq}`);
      }
      assert.equal((await log.head(room)).head, 2);
    });

    test("[LOG-4] order is judged before admission", async () => {
      const room = freshRoom();
      await log.append(appendOf(room, 1));
      const admit = "duplicate";
      assert.equal((await log.append(appendOf(room, 5, { admit }))).kind, "out-of-order");
      assert.equal(
        (await log.append(appendOf(room, 5, { admit, from: "stranger" }))).kind,
        "unknown-producer",
      );
    });

    test("[LOG-5] an append that is not to be remembered is unconditional and makes no producer", async () => {
      const room = freshRoom();
      const loose = { remember: false, from: "passer-by" };
      for (const seq of [7, 7, 1]) {
        const result = await log.append(appendOf(room, seq, loose));
        assert.ok(result.kind === "appended" && !result.newProducer);
      }
      assert.equal(
        (await log.append(appendOf(room, 1, { ...loose, admit: "known-producer" }))).kind,
        "appended",
      );
      assert.deepEqual(await log.append(appendOf(room, 2, { from: "passer-by" })), {
        kind: "unknown-producer",
      });
    });

    test("[LOG-6] `at` is the clock's time and never falls within a room, though the clock may", async () => {
      const room = freshRoom();
      clock.ms += 10_000;
      const high = clock.ms;
      const first = await log.append(appendOf(room, 1));
      clock.ms -= 5_000;
      const second = await log.append(appendOf(room, 2));
      clock.ms += 6_000;
      const third = await log.append(appendOf(room, 3));
      assert.deepEqual(
        [first, second, third].map((result) => (result.kind === "appended" ? result.at : undefined)),
        [high, high, high + 1_000],
      );
    });
  });

  describe(`${name}: producers`, TIMELY, () => {
    test("[LOG-7] a producer is forgotten some time after its last use, and not before", async () => {
      const clock = new SettableClock();
      const subject = await create({ clock, producerRetentionMs: 60_000, sweepEveryMs: 5 });
      try {
        const { log } = subject;
        const room = freshRoom();
        const isKnown = async (from: string): Promise<boolean> => {
          const result = await log.append(appendOf(room, 2, { from, admit: "duplicate" }));
          return result.kind === "not-admitted";
        };
        for (const from of ["idle", "repeating"]) await log.append(appendOf(room, 1, { from }));
        clock.pass(40_000);
        await log.append(appendOf(room, 1, { from: "later" }));
        assert.equal((await log.append(appendOf(room, 1, { from: "repeating" }))).kind, "duplicate");
        clock.pass(21_000);
        await until(async () => !(await isKnown("idle")));
        assert.ok(await isKnown("later"));
        assert.ok(await isKnown("repeating"));
      } finally {
        await subject.dispose();
      }
    });
  });
}
