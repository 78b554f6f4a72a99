import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ParlorClient, roomSignals } from "@parlor/client";
import { AlternatingBalancer, until } from "@parlor/testkit";
import { childrenOf } from "./worker-processes.ts";
import { ParlorProcess, temporaryFolder } from "./parlor-process.ts";

/** A stream that nobody ends is missed at its next heartbeat only. */
const PATIENCE_MS = 90_000;
const SAY_MS = 100;

/** Plays over one transport, and knows the newest frame: its world, and how many are in it. */
function player(url: string, transport: "websocket" | "stream" | "poll", number: number) {
  const client = new ParlorClient(url, { transports: [transport] });
  const arena = client.room("arena");
  const seen: { world: number; numbers: readonly number[] } = { world: -1, numbers: [] };
  roomSignals(arena).on("signal", ({ body }) => {
    const [world, , players] = body as readonly [number, number, readonly number[], unknown];
    seen.world = world;
    seen.numbers = players.filter((_, index) => index % 4 === 3);
  });
  arena.subscribe();
  const inputs = roomSignals(client.room("arena/input"));
  const timer = setInterval(() => inputs.signal([number, 0, 0, 0]), SAY_MS);
  const leave = (): void => {
    clearInterval(timer);
    client.close();
  };
  return { seen, leave };
}

describe("the game with several workers", () => {
  test("[GAME-6] players of all workers and transports are in one world, also in the one after its owner was killed", async () => {
    using folder = temporaryFolder();
    await using parlor = new ParlorProcess({
      args: ["--port", "0", "--data", folder.path, "--workers", "2"],
    });
    await using balancer = await AlternatingBalancer.listen([Number(new URL(await parlor.url).port)]);
    const url = `http://127.0.0.1:${balancer.port}/`;
    const kinds = ["websocket", "websocket", "stream", "poll"] as const;
    const players = kinds.map((kind, index) => player(url, kind, index + 1));
    try {
      const areTogether = (): boolean =>
        players.every(
          ({ seen }) =>
            seen.world === players[0]?.seen.world &&
            [1, 2, 3, 4].every((each) => seen.numbers.includes(each)),
        );
      assert.ok(await until(areTogether, PATIENCE_MS), JSON.stringify(players.map(({ seen }) => seen)));
      const old = players[0]?.seen.world;
      // Nobody but the system knows which of them is the first, so all are killed.
      const workers = (await childrenOf(parlor)).filter(({ args }) => args.includes("worker-main.ts"));
      for (const { pid } of workers) process.kill(pid, "SIGKILL");
      const isNew = (): boolean => areTogether() && players[0]?.seen.world !== old;
      assert.ok(await until(isNew, PATIENCE_MS), JSON.stringify(players.map(({ seen }) => seen)));
    } finally {
      for (const { leave } of players) leave();
    }
    parlor.kill("SIGTERM");
    assert.equal((await parlor.end()).code, 0);
  });
});
