import assert from "node:assert/strict";
import { test } from "node:test";
import { ParlorClient, roomSignals } from "@parlor/client";
import { MemoryLog } from "@parlor/log";
import { Parlor } from "@parlor/server";
import { startPlay } from "@parlor/server/play";
import { FakeClock, until } from "@parlor/testkit";

const PATIENCE_MS = 10_000;
const TICK_MS = 50;

test("[PLAY-8] a world begins with the first input, ticks while somebody plays, ends with an empty tick, and begins anew", async (t) => {
  const log = new MemoryLog();
  const parlor = new Parlor({ log });
  const { url } = await parlor.listen({ port: 0 });
  const client = new ParlorClient(url);
  const clock = new FakeClock();
  const opened: (() => void)[] = [];
  const turns: { readonly tick: number; readonly inputs: readonly (number | null)[] }[] = [];
  let begun = 0;
  const play = await startPlay<number>(parlor, {
    inputRoom: "steer",
    clock,
    readInput: (body) => (typeof body === "number" ? body : null),
    fill: () => 2,
    begin: async () => {
      begun += 1;
      await new Promise<void>((resolve) => opened.push(resolve));
    },
    turn: (seats, tick) => turns.push({ tick, inputs: seats.map(({ input }) => input) }),
  });
  t.after(async () => {
    client.close();
    await parlor.drain();
    await log.close();
  });
  const said = roomSignals(client.room("steer"));
  const say = async (body: number | string): Promise<void> => {
    assert.ok(await until(() => said.signal(body), PATIENCE_MS));
  };

  await say("no input");
  await say(7);
  assert.ok(await until(() => begun > 0, PATIENCE_MS));
  assert.equal(clock.pendingCount, 0, "no tick before there is a world");
  opened[0]?.();
  assert.ok(await until(() => clock.pendingCount === 1, PATIENCE_MS));
  await clock.advanceAsync(TICK_MS);
  await clock.advanceAsync(TICK_MS);
  assert.deepEqual(turns, [
    { tick: 1, inputs: [7, null] },
    { tick: 2, inputs: [7, null] },
  ]);
  await clock.advanceAsync(6_000);
  assert.equal(turns.at(-1)?.inputs.length, 0);
  assert.equal(clock.pendingCount, 0, "it rests");
  assert.equal(begun, 1);

  await say(8);
  assert.ok(await until(() => begun === 2, PATIENCE_MS));
  play.close();
  opened[1]?.();
  await clock.advanceAsync(TICK_MS);
  assert.equal(clock.pendingCount, 0, "closed while its world was made");
});
