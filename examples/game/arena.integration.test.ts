import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { ParlorClient, roomSignals, roomState } from "@parlor/client";
import { MemoryLog } from "@parlor/log";
import { Parlor } from "@parlor/server";
import { FakeClock, until } from "@parlor/testkit";
import { mayInArena, startArena } from "./arena.ts";
import { type Frame, INPUT_ROOM, TICK_MS, WORLD_ROOM } from "./frame.ts";

const PATIENCE_MS = 10_000;

/** A server whose arena's time is the test's, and one that plays there. */
async function stage(t: TestContext) {
  const log = new MemoryLog();
  const parlor = new Parlor({ log, authorize: mayInArena });
  const { url } = await parlor.listen({ port: 0 });
  const clock = new FakeClock();
  const game = await startArena(parlor, clock);
  t.after(async () => {
    game.close();
    await parlor.drain();
    await log.close();
  });
  return { parlor, url, clock };
}

async function player(t: TestContext, url: string) {
  const client = new ParlorClient(url);
  t.after(() => client.close());
  const arena = client.room(WORLD_ROOM);
  const frames: Frame[] = [];
  roomSignals(arena).on("signal", ({ body }) => frames.push(body as Frame));
  const scores = roomState(arena);
  const isSubscribed = new Promise((resolve) => arena.on("subscribed", resolve));
  arena.subscribe();
  await isSubscribed;
  const inputs = roomSignals(client.room(INPUT_ROOM));
  return { client, arena, frames, scores, say: (...body: number[]) => assert.ok(inputs.signal(body)) };
}

/** Ticks until something is so: the bytes between the clients are real. */
async function tickUntil(clock: FakeClock, isSo: () => boolean, what: string): Promise<void> {
  const isDone = await until(async () => {
    if (isSo()) return true;
    await clock.advanceAsync(TICK_MS);
    return isSo();
  }, PATIENCE_MS);
  assert.ok(isDone, what);
}

function slots(frame: Frame | undefined): number {
  return (frame?.[2].length ?? 0) / 6;
}

describe("the arena on the server", () => {
  test("[GAME-3] a player that steers after a restart has the score and the slot that the room's state tells", async (t) => {
    const { parlor, url, clock } = await stage(t);
    const ada = await player(t, url);
    await parlor.room(WORLD_ROOM).set("4", { id: ada.client.identity, score: 7 });
    const bob = await player(t, url);
    await parlor.room(WORLD_ROOM).set("7", { id: bob.client.identity, score: 3 });
    await parlor.room(WORLD_ROOM).set("5", { id: "bot-5", score: 9 });
    ada.say(1, 0, 0, 0);
    await tickUntil(clock, () => ada.frames.length > 0, "a frame came");
    assert.deepEqual(
      ada.frames[0]?.[2].filter((_, index) => index % 6 === 0),
      [4],
    );
    await tickUntil(clock, () => !ada.scores.values.has("5"), "the bot of the world before is gone");
    assert.ok((ada.scores.values.get("4") as { score: number }).score >= 7);
    // Bob's page comes back much later than anybody may be silent.
    for (let times = 1; times < 4; times += 1) {
      ada.say(1 + times, 0, 0, 0);
      await tickUntil(clock, () => ada.frames.at(-1)?.[2][5] === 1 + times, "Ada still steers");
      await clock.advanceAsync(3_000);
    }
    assert.equal(ada.scores.values.has("7"), false);
    bob.say(1, 0, 0, 0);
    await tickUntil(clock, () => bob.scores.values.has("7"), "Bob has his slot");
    assert.ok((bob.scores.values.get("7") as { score: number }).score >= 3);
  });

  test("[GAME-4] what a stranger says of the world or the scores is refused, and what is no input changes nothing", async (t) => {
    const { url, clock } = await stage(t);
    const ada = await player(t, url);
    const mallory = await player(t, url);
    await assert.rejects(mallory.scores.set("0", { id: mallory.client.identity, score: 99 }), {
      code: "forbidden",
    });
    const refused = new Promise((resolve) => mallory.client.on("error", resolve));
    roomSignals(mallory.arena).signal([1, 1, [0, 0, 0, 0], []]);
    assert.equal(((await refused) as { code: string }).code, "forbidden");
    for (const body of [[], [1, 2], [1, 1e9, 0, 0], [1, 0, 0, 5_000]]) mallory.say(...body);
    ada.say(1, 100, 0, 0);
    await tickUntil(clock, () => ada.frames.length > 3, "frames came");
    assert.deepEqual(
      ada.frames.map(slots),
      ada.frames.map(() => 1),
    );
  });

  test("[GAME-5] bots make way for people, who is silent leaves, and then the world rests with no score left", async (t) => {
    const { parlor, url, clock } = await stage(t);
    assert.equal(clock.pendingCount, 0);
    const ada = await player(t, url);
    const bob = await player(t, url);
    ada.say(1, 0, 0, 50);
    await tickUntil(clock, () => slots(ada.frames.at(-1)) === 50, "bots fill the arena");
    bob.say(9, 0, 100, 50);
    const numbers = (): (number | undefined)[] =>
      ada.frames.at(-1)?.[2].filter((_, index) => index % 6 === 5) ?? [];
    await tickUntil(clock, () => numbers().includes(9), "Bob's input is in a frame");
    assert.equal(slots(ada.frames.at(-1)), 50);
    await tickUntil(clock, () => clock.pendingCount === 0, "it rests");
    assert.ok(await until(async () => (await parlor.room(WORLD_ROOM).state()).size === 0, PATIENCE_MS));
    const old = ada.frames.at(-1)?.[0];
    ada.say(2, 0, 0, 0);
    await tickUntil(clock, () => ada.frames.at(-1)?.[0] !== old, "another world begins");
  });
});
