import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { describe, test } from "node:test";
import { MemoryLog } from "@parlor/log";
import { msgpack } from "@parlor/msgpack";
import { Parlor } from "@parlor/server";
import { randomInteger, randomItem, seededRandom, TcpProxy, testSeed, until } from "@parlor/testkit";
import { type ClientOptions, CodedError, ParlorClient, roomPresence, roomState } from "../src/index.ts";

const ROOM = "live";
const STEPS = 60;
const PATIENCE_MS = 20_000;

const ROADS: Readonly<Record<string, ClientOptions>> = {
  "a WebSocket": { transports: ["websocket"] },
  "a binary WebSocket": { transports: ["websocket"], encoding: msgpack },
  "an event stream": { transports: ["stream"] },
  polls: { transports: ["poll"] },
};

describe("what is live, while the network breaks", () => {
  for (const [road, options] of Object.entries(ROADS)) {
    test(`[LIVELY-1] over ${road} state and presence come to what the server has, and each request has its own answer`, async (t) => {
      const seed = testSeed();
      const random = seededRandom(`${seed} ${road}`);
      t.diagnostic(`TEST_SEED=${seed}`);
      const log = new MemoryLog();
      const parlor = new Parlor({
        log,
        publishPerSecond: Infinity,
        requests: { double: ({ params }) => 2 * (params as number) },
      });
      const { port } = await parlor.listen({ port: 0 });
      const proxy = await TcpProxy.listen(port);
      const ada = new ParlorClient(`http://127.0.0.1:${proxy.port}/`, options);
      const bob = new ParlorClient(`http://127.0.0.1:${port}/`);
      t.after(async () => {
        for (const client of [ada, bob]) client.close();
        await proxy[Symbol.asyncDispose]();
        await parlor.close();
        await log.close();
      });
      const [state, presence] = [roomState(ada.room(ROOM)), roomPresence(ada.room(ROOM))];
      roomPresence(bob.room(ROOM));
      for (const client of [ada, bob]) client.room(ROOM).subscribe();
      const server = parlor.room(ROOM);

      const answers: Promise<readonly [n: number, outcome: unknown]>[] = [];
      const change = (key: string): Promise<unknown> => {
        const value = random() < 0.3 ? null : randomInteger(random, 0, 999);
        return random() < 0.7 ? server.set(key, value) : state.set(key, value).catch(() => undefined);
      };
      const ask = async (n: number): Promise<readonly [number, unknown]> => [
        n,
        await ada.request<number>("double", n).catch((error: unknown) => error),
      ];
      const settings: Promise<unknown>[] = [];
      for (let step = 0; step < STEPS; step += 1) {
        settings.push(change(`k${randomInteger(random, 0, 9)}`));
        if (random() < 0.3) answers.push(ask(step));
        if (step % 15 === 7) {
          const fault = randomItem(random, ["cut", "stall", "slow"]);
          if (fault === "cut") proxy.cutAll();
          else if (fault === "stall") proxy.pause(randomItem(random, ["to-client", "to-server", "both"]));
          else proxy.throttle(2_000, "to-client");
        }
        if (step % 15 === 12) {
          proxy.resume();
          proxy.throttle(Infinity);
        }
        await delay(randomInteger(random, 0, 15));
      }
      proxy.resume();
      proxy.throttle(Infinity);
      await Promise.all(settings);
      for (const [n, outcome] of await Promise.all(answers)) {
        const isCut = outcome instanceof CodedError && outcome.code === "outcome-unknown";
        assert.ok(isCut || outcome === 2 * n, `${n}: ${String(outcome)}`);
      }

      const truth = textOf(await server.state());
      const isTrue = (): boolean => textOf(state.values) === truth;
      assert.ok(await until(isTrue, PATIENCE_MS), `${textOf(state.values)} is not ${truth}`);
      const members = [ada, bob].map(({ identity }) => `${identity}`);
      const seesBoth = (): boolean =>
        presence.count === 2 && members.every((member) => presence.members?.has(member) === true);
      assert.ok(await until(seesBoth, PATIENCE_MS), `${presence.count} are seen`);
    });
  }
});

/** By key, so that two can be compared. */
function textOf(values: ReadonlyMap<string, unknown>): string {
  return JSON.stringify([...values].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
