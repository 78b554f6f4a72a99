import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Message } from "./index.ts";
import { Emitter } from "./emitter.ts";
import { MessageFeed } from "./message-feed.ts";
import type { RoomEvents } from "./room-events.ts";

function feedOf(maxItems: number) {
  const events = new Emitter<RoomEvents>();
  const source = {
    on: events.on.bind(events) as typeof events.on,
    onEnd: () => () => undefined,
  };
  const feed = new MessageFeed(source, maxItems, undefined);
  const say = (...offsets: readonly number[]): void => {
    const messages = offsets.map(
      (offset): Message => ({ offset, from: "a", producer: "p", seq: offset, at: 0, body: null }),
    );
    events.emit("messages", messages, { live: true });
  };
  const take = (): number | undefined => {
    const item = feed.shift();
    return item !== undefined && "message" in item ? item.message.offset : undefined;
  };
  return { feed, say, take };
}

describe("a feed", () => {
  test("[CLIENT-28] what it holds is whole from its first item on: after an overflow it takes nothing until it is restarted", () => {
    const { feed, say, take } = feedOf(2);
    say(1, 2, 3);
    assert.equal(feed.hasOverflowed, true);
    assert.equal(take(), 1);
    say(4);
    assert.deepEqual([take(), take()], [2, undefined]);
    feed.restart();
    say(5);
    assert.equal(feed.hasOverflowed, false);
    assert.equal(take(), 5);
  });

  test("[CLIENT-28] exactly as many as it may hold is no overflow", () => {
    const { feed, say } = feedOf(2);
    say(1, 2);
    assert.equal(feed.hasOverflowed, false);
  });

  test("[CLIENT-28] a closed feed hears nothing more", () => {
    const { feed, say, take } = feedOf(2);
    feed.close();
    say(1);
    assert.equal(take(), undefined);
  });
});
