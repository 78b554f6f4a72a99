import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { nextRoom, nextUnread, searchRooms } from "./room-search.ts";
import type { ListedRoom } from "./room-watches.ts";

function rooms(
  ...listed: readonly (readonly [name: string, count?: number, mentions?: number])[]
): ListedRoom[] {
  return listed.map(([name, count = 0, mentions = 0]) => ({
    name,
    unread: { text: `${count}`, count, mentions },
  }));
}

describe("searchRooms", () => {
  test("[ROOMS-3] any part of a name finds it, without case and marks, its beginning first", () => {
    const found = (typed: string): readonly string[] =>
      searchRooms(rooms(["Old café"], ["Café Noir"], ["release 9"]), typed).map(({ name }) => name);
    assert.deepEqual(found("cafe"), ["Café Noir", "Old café"]);
    assert.deepEqual(found("  9 REL "), ["release 9"]);
    assert.deepEqual(found("#release"), ["release 9"]);
    assert.deepEqual(found("nothing"), []);
    assert.equal(found(" ").length, 3);
  });
});

describe("the next room", () => {
  test("[ROOMS-4] goes round the list, both ways", () => {
    const list = rooms(["a"], ["b"], ["c"]);
    assert.equal(nextRoom(list, "c", 1)?.name, "a");
    assert.equal(nextRoom(list, "a", -1)?.name, "c");
    assert.equal(nextRoom(rooms(["a"]), "a", 1), null);
    assert.equal(nextRoom(list, null, 1)?.name, "a");
  });

  test("[ROOMS-4] with something unread, is first where somebody speaks to you", () => {
    const list = rooms(["a", 1], ["b"], ["c", 2], ["d", 3, 1]);
    assert.equal(nextUnread(list, "b", 1)?.name, "d");
    assert.equal(nextUnread(list, "d", 1)?.name, "a");
    assert.equal(nextUnread(list, "a", -1)?.name, "d");
    assert.equal(nextUnread(rooms(["a", 5], ["b"]), "a", 1), null);
  });
});
