import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ParlorClient, roomPresence, roomSignals } from "@parlor/client";
import { AlternatingBalancer, until } from "@parlor/testkit";
import { ParlorProcess, temporaryFolder, within } from "./parlor-process.ts";
import { allGone, familyOf } from "./worker-processes.ts";

const KINDS = ["websocket", "stream", "poll"] as const;
const ROUNDS = 4;
/** Publishes of each client in each round, all at once. */
const BURST = 15;
const PATIENCE_MS = 60_000;

/** A client of the product's own on one transport, and what it heard. */
function member(url: string, kind: (typeof KINDS)[number]) {
  const client = new ParlorClient(url, { transports: [kind] });
  const room = client.room("lobby");
  const heard: unknown[] = [];
  let look = (): void => undefined;
  room.on("lost", (lost) => assert.fail(JSON.stringify(lost)));
  room.on("messages", (messages) => {
    heard.push(...messages.map(({ body }) => body));
    look();
  });
  room.subscribe({ last: 500 });
  const hears = (count: number): Promise<void> =>
    within(
      new Promise<void>((resolve) => {
        look = () => {
          if (heard.length >= count) resolve();
        };
        look();
      }),
      `a client over ${kind} did not hear ${count} messages`,
      PATIENCE_MS,
    );
  return { kind, client, room, heard, hears };
}

describe("clients of the parlor command with workers, behind a blind balancer", () => {
  test("[WORKERS-8] [WORKERS-10] over each transport every publish is stored and heard once, while workers and the owner are killed", async () => {
    using folder = temporaryFolder();
    await using parlor = new ParlorProcess({
      args: ["--port", "0", "--data", folder.path, "--workers", "2", "--publish-per-second", "Infinity"],
    });
    const port = Number(new URL(await parlor.url).port);
    // A connection of its own for each request; the supervisor hands them to the workers in turn.
    await using balancer = await AlternatingBalancer.listen([port]);
    const members = KINDS.map((kind) => member(`http://127.0.0.1:${balancer.port}/`, kind));
    try {
      for (let round = 0; round < ROUNDS; round++) {
        const publishes = members.flatMap(({ kind, room }) =>
          Array.from({ length: BURST }, (_, i) => room.publish(`${kind} ${round} ${i}`)),
        );
        await publishes[0];
        const { owner, workers } = await familyOf(parlor);
        const victim = round % 2 === 0 ? owner : workers[0];
        assert.ok(victim !== undefined);
        process.kill(victim, "SIGKILL");
        await allGone([victim]);
        await within(Promise.all(publishes), "a publish was never answered", PATIENCE_MS);
      }
      const count = ROUNDS * BURST * KINDS.length;
      for (const { hears } of members) await hears(count);
      const [first] = members;
      assert.equal(new Set(first?.heard).size, count);
      for (const { kind, heard } of members) {
        assert.deepEqual(heard, first?.heard, "all hear the same, in one order");
        assert.deepEqual(
          heard.filter((body) => String(body).startsWith(kind)),
          Array.from({ length: ROUNDS * BURST }, (_, i) => `${kind} ${Math.floor(i / BURST)} ${i % BURST}`),
        );
      }
    } finally {
      for (const { client } of members) client.close();
    }
    parlor.kill("SIGTERM");
    assert.equal((await parlor.end()).code, 0);
  });

  test("[SIGNAL-1] [BUS-6] over each transport everybody hears the signals of everybody, also after the owner and a worker were killed", async () => {
    using folder = temporaryFolder();
    await using parlor = new ParlorProcess({
      args: ["--port", "0", "--data", folder.path, "--workers", "2", "--signals-per-second", "1000"],
    });
    const port = Number(new URL(await parlor.url).port);
    await using balancer = await AlternatingBalancer.listen([port]);
    const members = KINDS.map((kind) => {
      const { client, room } = member(`http://127.0.0.1:${balancer.port}/`, kind);
      const signals = roomSignals(room);
      const heard = new Set<unknown>();
      signals.on("signal", ({ body }) => heard.add(body));
      return { kind, client, signals, heard };
    });
    /** Each says it until all others have heard it: what comes between two polls, or while a link is down, is gone. */
    const talk = async (round: string): Promise<void> => {
      for (const speaker of members) {
        const body = `${speaker.kind} ${round}`;
        const others = members.filter((each) => each !== speaker);
        const areAllTold = (): boolean => others.every(({ heard }) => heard.has(body));
        const isSaid = await until(() => (speaker.signals.signal(body), areAllTold()), PATIENCE_MS);
        assert.ok(isSaid, `${body} was not heard by all`);
        assert.ok(!speaker.heard.has(body), `${speaker.kind} heard itself`);
      }
    };
    try {
      await talk("before");
      const { owner, workers } = await familyOf(parlor);
      for (const victim of [owner, workers[0]]) {
        assert.ok(victim !== undefined);
        process.kill(victim, "SIGKILL");
        await allGone([victim]);
        await talk(`after ${victim}`);
      }
    } finally {
      for (const { client } of members) client.close();
    }
    parlor.kill("SIGTERM");
    assert.equal((await parlor.end()).code, 0);
  });

  test("[PRESENCE-1] [PRESENCE-7] [PRESENCE-15] over each transport everybody sees everybody, also after the owner and a worker were killed, and who left is gone", async () => {
    using folder = temporaryFolder();
    await using parlor = new ParlorProcess({
      args: ["--port", "0", "--data", folder.path, "--workers", "2"],
    });
    const port = Number(new URL(await parlor.url).port);
    await using balancer = await AlternatingBalancer.listen([port]);
    const come = (kind: (typeof KINDS)[number]) => {
      const { client, room } = member(`http://127.0.0.1:${balancer.port}/`, kind);
      return { kind, client, presence: roomPresence(room) };
    };
    const members = KINDS.map(come);
    const allSee = async (there: typeof members): Promise<void> => {
      const count = there.length;
      const areSeen = (): boolean =>
        there.every(({ presence }) => presence.count === count && presence.members.size === count);
      assert.ok(
        await until(areSeen, PATIENCE_MS),
        there.map(({ kind, presence }) => `${kind} ${presence.count}`).join(),
      );
      const names = there.map(({ presence }) => [...presence.members.keys()].toSorted().join());
      assert.equal(new Set(names).size, 1);
    };
    try {
      await allSee(members);
      const { owner, workers } = await familyOf(parlor);
      for (const [index, victim] of [owner, workers[0]].entries()) {
        assert.ok(victim !== undefined);
        process.kill(victim, "SIGKILL");
        await allGone([victim]);
        // What is told afterwards shows that it goes on, and not only what was known before.
        members.push(come(KINDS[index % KINDS.length] ?? "poll"));
        await allSee(members);
      }
      for (const { client } of members.slice(3)) client.close();
      await allSee(members.slice(0, 3));
    } finally {
      for (const { client } of members) client.close();
    }
    parlor.kill("SIGTERM");
    assert.equal((await parlor.end()).code, 0);
  });
});
