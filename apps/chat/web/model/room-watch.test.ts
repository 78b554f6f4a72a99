import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ClientRoom, Message } from "@parlor/client";
import { RoomWatch } from "./room-watch.ts";

const NOW_MS = 1_000_000;

describe("the watch over a room", () => {
  test("[NOTICE-2] tells of a mention that was missed for a minute, unless it was read", () => {
    let say = (_messages: readonly Message[], _info: { readonly live: boolean }): void => assert.fail();
    const room = {
      on(name: string, listener: typeof say) {
        if (name === "messages") say = listener;
        return () => undefined;
      },
    } as unknown as ClientRoom;
    const told: number[] = [];
    const watch = new RoomWatch({
      room,
      read: { epoch: "e", offset: 1 },
      identity: () => "me",
      isMention: () => true,
      onMention: ({ offset }) => void told.push(offset),
      onRead: () => undefined,
      now: () => NOW_MS,
    });
    const message = (offset: number, at: number, from = "you"): Message => ({
      offset,
      at,
      from,
      producer: "p",
      seq: offset,
      body: "@me",
    });
    const missed = [
      message(1, NOW_MS),
      message(2, NOW_MS - 60_001),
      message(3, NOW_MS - 59_999),
      message(4, NOW_MS, "me"),
    ];
    say(missed, { live: false });
    assert.deepEqual(told, [3]);
    say([message(5, NOW_MS - 60_001)], { live: true });
    assert.deepEqual(told, [3, 5]);
    watch.close();
  });
});
