import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { KeptTexts } from "./kept-texts.ts";
import { MAX_YOUR_ROOMS, parseYourRooms, YOUR_ROOMS_KEY, YourRooms } from "./your-rooms.ts";

/** Pages of one browser: each with its own view of one storage. */
function browser(): () => YourRooms {
  const kept = new Map<string, string>();
  let now = 0;
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  return () => new YourRooms(new KeptTexts(storage), () => (now += 1));
}

const names = (rooms: YourRooms): readonly string[] => rooms.list.value.map(({ name }) => name);

describe("YourRooms", () => {
  test("[ROOMS-1] what one page notes the next one has, and no page undoes another's", () => {
    const open = browser();
    const [one, other] = [open(), open()];
    one.visit("room 10");
    other.visit("room 9");
    one.read("room 10", { epoch: "e", offset: 7 });
    one.write();
    other.read("room 10", { epoch: "e", offset: 5 });
    other.write();
    const next = open();
    assert.deepEqual(names(next), ["room 9", "room 10"]);
    assert.deepEqual(next.readTo("room 10"), { epoch: "e", offset: 7 });
    one.forget("room 9");
    other.visit("room 10");
    assert.deepEqual(names(open()), ["room 10"]);
  });

  test("[ROOMS-1] of more than a hundred rooms those visited longest ago are forgotten", () => {
    const rooms = browser()();
    for (let index = 0; index <= MAX_YOUR_ROOMS; index++) rooms.visit(`room ${index}`);
    assert.equal(rooms.list.value.length, MAX_YOUR_ROOMS);
    assert.ok(!names(rooms).includes("room 0"));
  });

  test("[ROOMS-1] whatever else stands in the storage is passed over", () => {
    for (const kept of ["", "{", "7", '{"name":"x"}']) assert.deepEqual(parseYourRooms(kept), []);
    const odd = [1, { name: 2 }, { name: "@me" }, { name: "ok", read: { epoch: 1 }, visitedAt: "x" }];
    assert.deepEqual(parseYourRooms(JSON.stringify(odd)), [{ name: "ok", read: null, visitedAt: 0 }]);
    assert.equal(YOUR_ROOMS_KEY, "parlor.rooms");
  });
});
