import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ParlorClient, roomPresence, roomSignals, roomState } from "@parlor/client";
import { AlternatingBalancer, until } from "@parlor/testkit";
import { childrenOf } from "./worker-processes.ts";
import { ParlorProcess, temporaryFolder } from "./parlor-process.ts";

/** A stream that nobody ends is missed at its next heartbeat only. */
const PATIENCE_MS = 90_000;
const SAY_MS = 100;

type Prices = ReadonlyMap<string, readonly [cents: number, atMs: number, changes: number]>;

/** Plays over one transport, and knows the newest frame: its world, and how many are in it. Watches prices, too. */
function player(url: string, transport: "websocket" | "stream" | "poll", number: number) {
  const client = new ParlorClient(url, { transports: [transport] });
  const arena = client.room("arena");
  const seen = { world: -1, numbers: [] as readonly number[], frames: 0, worlds: new Set<number>() };
  roomSignals(arena).on("signal", ({ body }) => {
    const [world, , players] = body as readonly [number, number, readonly number[], unknown];
    seen.world = world;
    seen.frames += 1;
    seen.worlds.add(world);
    seen.numbers = players.filter((_, index) => index % 6 === 5);
  });
  arena.subscribe();
  // A connection of its own: prices end every poll at once, and between two polls no frame is heard.
  const watcher = new ParlorClient(url, { transports: [transport] });
  const ticker = watcher.room("ticker/prices");
  const prices = roomState(ticker).values as Prices;
  // Those of the others move because of somebody who may be in another process.
  if (number === 1) roomPresence(ticker);
  ticker.subscribe();
  const inputs = roomSignals(client.room("arena/input"));
  const timer = setInterval(() => inputs.signal([number, 0, 0, 0]), SAY_MS);
  const leave = (): void => {
    clearInterval(timer);
    client.close();
    watcher.close();
  };
  return { seen, prices, leave };
}

/** Looks at the next frames of everybody: there is one world, and not one in each process. */
async function seeOneWorld(players: readonly ReturnType<typeof player>[]): Promise<void> {
  for (const { seen } of players) {
    seen.frames = 0;
    seen.worlds.clear();
  }
  assert.ok(await until(() => players.every(({ seen }) => seen.frames >= 10), PATIENCE_MS));
  for (const { seen } of players) assert.deepEqual([...seen.worlds], [players[0]?.seen.world]);
}

/** Whether everybody has all prices, some of them newer than that, and nobody another one for the same change. */
function areOneMarket(readers: readonly { readonly prices: Prices }[], afterMs: number): boolean {
  const known = new Map<string, number>();
  for (const { prices } of readers) {
    for (const [symbol, [cents, atMs, changes]] of prices) {
      const change = `${symbol} ${atMs} ${changes}`;
      assert.equal(cents, known.get(change) ?? cents, change);
      known.set(change, cents);
    }
  }
  return readers.every(
    ({ prices }) => prices.size === 500 && [...prices.values()].some(([, atMs]) => atMs > afterMs),
  );
}

describe("the examples with several workers", () => {
  test("[GAME-6] [TICKER-6] players of all workers and transports are in one world and see one market, also in those after their owner was killed", async () => {
    using folder = temporaryFolder();
    await using parlor = new ParlorProcess({
      args: ["--port", "0", "--data", folder.path, "--workers", "2"],
    });
    await using balancer = await AlternatingBalancer.listen([Number(new URL(await parlor.url).port)]);
    const url = `http://127.0.0.1:${balancer.port}/`;
    const kinds = ["websocket", "websocket", "stream", "poll"] as const;
    const players = kinds.map((kind, index) => player(url, kind, index + 1));
    try {
      let fromMs = Date.now();
      const areTogether = (): boolean =>
        areOneMarket(players, fromMs) &&
        players.every(
          ({ seen }) =>
            seen.world === players[0]?.seen.world &&
            [1, 2, 3, 4].every((each) => seen.numbers.includes(each)),
        );
      assert.ok(await until(areTogether, PATIENCE_MS), JSON.stringify(players.map(({ seen }) => seen)));
      await seeOneWorld(players);
      const old = players[0]?.seen.world;
      // Nobody but the system knows which of them is the first, so all are killed.
      const workers = (await childrenOf(parlor)).filter(({ args }) => args.includes("worker-main."));
      for (const { pid } of workers) process.kill(pid, "SIGKILL");
      fromMs = Date.now();
      const isNew = (): boolean => areTogether() && players[0]?.seen.world !== old;
      assert.ok(await until(isNew, PATIENCE_MS), JSON.stringify(players.map(({ seen }) => seen)));
      await seeOneWorld(players);
    } finally {
      for (const { leave } of players) leave();
    }
    parlor.kill("SIGTERM");
    assert.equal((await parlor.end()).code, 0);
  });
});
