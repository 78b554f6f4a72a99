import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Message, SubscribedFrame } from "@parlor/protocol";
import fc from "fast-check";
import { SELF, sampleMessage } from "../test/sample-log.ts";
import { afterTold } from "./told-unread.ts";
import {
  afterMessages,
  afterRead,
  afterSubscribed,
  MAX_COUNTED,
  unreadBehind,
  unreadCount,
  type Unread,
} from "./unread.ts";

const EPOCH = "epoch-1";

function subscribed(more: Partial<SubscribedFrame> = {}): SubscribedFrame {
  const frame = { type: "subscribed", room: "r", epoch: EPOCH, after: 0, head: 0, earliest: 1 } as const;
  return { ...frame, lost: null, skipped: null, ...more };
}

function take(unread: Unread, messages: readonly Message[]): Unread {
  return afterMessages(unread, messages, SELF.identity, ({ offset }) => offset % 2 === 0);
}

function read(offset: number): Unread {
  return unreadBehind({ epoch: EPOCH, offset });
}

describe("unread", () => {
  test("[ROOMS-2] what others wrote behind the place is counted, and what of it speaks to you", () => {
    const own = sampleMessage(13, { seq: 1 });
    const edit = sampleMessage(14, { re: 11 });
    const unread = take(read(10), [sampleMessage(11), sampleMessage(12), own, edit, sampleMessage(15)]);
    assert.deepEqual(unreadCount(unread), { text: "3", count: 3, mentions: 1 });
  });

  test("[ROOMS-2] however often a message comes, and whatever part was read, each counts once", () => {
    const log = Array.from({ length: 60 }, (_, index) => sampleMessage(index * 2 + 1));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(59), fc.nat(30), fc.boolean()), { maxLength: 20 }), (steps) => {
        let unread = read(0);
        let [came, seen] = [0, 0];
        for (const [start, length, isReading] of steps) {
          if (isReading) {
            const offset = Math.min(came, start * 2 + 1);
            unread = afterRead(unread, { epoch: EPOCH, offset });
            seen = Math.max(seen, offset);
          } else {
            // A chain starts anywhere behind what came, so that nothing is left out.
            const from = Math.min(start, log.filter(({ offset }) => offset <= came).length);
            const part = log.slice(from, from + length);
            unread = take(unread, part);
            came = Math.max(came, part.at(-1)?.offset ?? 0);
          }
        }
        const expected = log.filter(({ offset }) => offset > seen && offset <= came);
        assert.deepEqual(
          unread.waiting.map(({ offset }) => offset),
          expected.map(({ offset }) => offset),
        );
      }),
    );
  });

  test("[ROOMS-2] a room that nobody was in has nothing unread, and from then on counts", () => {
    const joined = afterSubscribed(unreadBehind(null), subscribed({ after: 30, head: 80 }));
    const told = take(
      joined,
      Array.from({ length: 51 }, (_, index) => sampleMessage(31 + index)),
    );
    assert.equal(unreadCount(told).text, "1");
  });

  test("[ROOMS-2] above 99 it is only said that there are more, until it is read", () => {
    const many = take(
      read(0),
      Array.from({ length: MAX_COUNTED + 1 }, (_, index) => sampleMessage(index + 1)),
    );
    assert.equal(unreadCount(many).text, "99+");
    const skipped = afterSubscribed(
      read(5),
      subscribed({ after: 900, head: 1_000, skipped: { from: 6, to: 900 } }),
    );
    assert.equal(unreadCount(skipped).text, "99+");
    assert.equal(unreadCount(afterRead(many, { epoch: EPOCH, offset: 100 })).text, "");
    assert.equal(unreadCount(afterRead(skipped, { epoch: EPOCH, offset: 1_000 })).text, "");
  });

  test("[ROOMS-2] what the server counted is taken as if it had come, each message once, and what comes behind it goes on from there", () => {
    const told = { epoch: EPOCH, upTo: 20, unread: [12, 15, 20], mentions: [15] };
    const unread = afterTold(read(12), told);
    assert.deepEqual(unreadCount(unread), { text: "2", count: 2, mentions: 1 });
    assert.equal(unread.countedTo, 20);
    assert.equal(
      unreadCount(take(unread, [sampleMessage(15), sampleMessage(20), sampleMessage(21)])).count,
      3,
    );
    // What is older than what is known, and of a room nobody was in, says nothing; of another history all does.
    assert.deepEqual(afterTold(read(30), told), read(30));
    assert.deepEqual(afterTold(unreadBehind(null), told), unreadBehind(null));
    assert.equal(unreadCount(afterTold(unreadBehind({ epoch: "other", offset: 900 }), told)).count, 3);
    const many = Array.from({ length: MAX_COUNTED + 1 }, (_, index) => index + 1);
    assert.equal(unreadCount(afterTold(read(0), { ...told, upTo: 500, unread: many })).text, "99+");
  });

  test("[ROOMS-2] in a history that began anew all that comes is unread", () => {
    const anew = afterSubscribed(
      take(read(50), [sampleMessage(51)]),
      subscribed({ epoch: "other", head: 2 }),
    );
    assert.equal(unreadCount(take(anew, [sampleMessage(1), sampleMessage(2)])).count, 2);
  });
});
