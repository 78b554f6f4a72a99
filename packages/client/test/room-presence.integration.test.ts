import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { msgpack } from "@parlor/msgpack";
import { until } from "@parlor/testkit";
import { type ClientOptions, roomPresence } from "../src/index.ts";
import { connect, RealServer, stateOf } from "./real-server.ts";

/** How long something that has to come may take on a busy machine. */
const PATIENCE_MS = 20_000;

function member(t: TestContext, server: RealServer, options: ClientOptions) {
  const client = connect(t, server.url, options);
  const room = client.room("lobby");
  room.subscribe();
  const presence = roomPresence(room);
  const events: string[] = [];
  const nameOf = (profile: unknown): string => (profile as { name?: string } | null)?.name ?? "nobody";
  presence.on("join", ({ profile }) => events.push(`join ${nameOf(profile)}`));
  presence.on("leave", ({ profile }) => events.push(`leave ${nameOf(profile)}`));
  const names = (): string => [...presence.members.values()].map(nameOf).toSorted().join(" ");
  const sees = async (expected: string): Promise<void> => {
    assert.ok(await until(() => names() === expected, PATIENCE_MS), `${names()} and not ${expected}`);
  };
  return { client, room, presence, events, sees };
}

for (const kind of ["websocket", "stream", "poll"] as const) {
  describe(`a room's presence over ${kind}`, { timeout: 90_000 }, () => {
    test("[CLIENT-75] two clients see each other, who left is gone, and both are there again after the server was away", async (t) => {
      const server = await new RealServer(t).start();
      const transports = [kind];
      const ada = member(t, server, { transports, profile: { name: "ada" } });
      await ada.sees("ada");
      const bob = member(t, server, { transports, profile: { name: "bob" } });
      const cy = member(t, server, { transports, profile: { name: "cy" } });
      for (const { sees } of [ada, bob, cy]) await sees("ada bob cy");
      cy.client.close();
      for (const { sees } of [ada, bob]) await sees("ada bob");
      assert.deepEqual([ada.presence.count, ada.presence.isListed], [2, true]);
      assert.ok(ada.events.includes("join bob") && ada.events.at(-1) === "leave cy", ada.events.join());
      const before = ada.presence.members;
      await server.stop();
      await stateOf(ada.client, "waiting");
      assert.equal(before.size, 2, "what was known stays");
      await server.start();
      for (const { client } of [ada, bob]) await stateOf(client, "open");
      for (const { sees } of [ada, bob]) await sees("ada bob");
      assert.equal(ada.presence.members, before);
    });

    test("[CLIENT-78] a client that shows another profile is seen with it at once, neither gone nor new, and loses nothing", async (t) => {
      const server = await new RealServer(t).start();
      const transports = [kind];
      const ada = member(t, server, { transports, profile: { name: "ada" } });
      const bob = member(t, server, { transports, profile: { name: "bob" } });
      for (const { sees } of [ada, bob]) await sees("ada bob");
      const texts: unknown[] = [];
      bob.room.on("messages", (messages) => texts.push(...messages.map(({ body }) => body)));
      const eventsOfAda = ada.events.length;
      const published = [1, 2, 3].map((number) => ada.room.publish(number));
      bob.presence.show({ name: "robert" });
      const own = bob.room.publish("own");
      for (const { sees } of [ada, bob]) await sees("ada robert");
      await Promise.all([...published, own]);
      assert.ok(await until(() => texts.length === 4, PATIENCE_MS), `${texts.length}`);
      assert.deepEqual(new Set(texts), new Set([1, 2, 3, "own"]));
      assert.deepEqual(ada.events.slice(eventsOfAda), []);
    });
  });
}

describe("a room's presence", () => {
  test("[CLIENT-75] a client on MessagePack and one on JSON see each other", async (t) => {
    const server = await new RealServer(t).start();
    const ada = member(t, server, { encoding: msgpack, profile: { name: "ada" } });
    const bob = member(t, server, { profile: { name: "bob" } });
    for (const { sees } of [ada, bob]) await sees("ada bob");
    assert.deepEqual([ada.presence.count, bob.presence.count], [2, 2]);
  });

  test("[CLIENT-76] one who comes back within 5 s neither left nor joined for the others, and is told only what changed", async (t) => {
    const server = await new RealServer(t).start();
    const ada = member(t, server, { profile: { name: "ada" } });
    const bob = member(t, server, { profile: { name: "bob" } });
    for (const { sees } of [ada, bob]) await sees("ada bob");
    const [eventsOfAda, eventsOfBob] = [ada.events.length, bob.events.length];
    bob.client.reconnect();
    const cy = member(t, server, { profile: { name: "cy" } });
    for (const { sees } of [ada, bob, cy]) await sees("ada bob cy");
    assert.deepEqual(ada.events.slice(eventsOfAda), ["join cy"]);
    assert.deepEqual(bob.events.slice(eventsOfBob), ["join cy"]);
  });

  test("[CLIENT-76] who asks in a room that is subscribed to already is told, and its messages go on", async (t) => {
    const server = await new RealServer(t).start();
    const client = connect(t, server.url, { profile: { name: "ada" } });
    const room = client.room("lobby");
    const bodies: unknown[] = [];
    room.on("messages", (messages) => bodies.push(...messages.map(({ body }) => body)));
    room.subscribe({ last: 10 });
    await server.parlor.room("lobby").publish("before");
    assert.ok(await until(() => bodies.length === 1, PATIENCE_MS));
    const presence = roomPresence(room);
    assert.equal(roomPresence(room), presence);
    assert.equal(presence.isKnown, false);
    let changes = 0;
    const stop = presence.on("change", () => void (changes += 1));
    assert.ok(await until(() => presence.count === 1, PATIENCE_MS));
    await server.parlor.room("lobby").publish("after");
    assert.ok(await until(() => bodies.length === 2, PATIENCE_MS));
    assert.deepEqual(bodies, ["before", "after"]);
    assert.ok(changes >= 1);
    stop();
  });
});
