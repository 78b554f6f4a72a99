import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { until } from "@parlor/testkit";
import { roomSignals, type RoomSignal } from "../src/index.ts";
import { connect, RealServer, stateOf } from "./real-server.ts";

/** How long something that has to come may take on a busy machine. */
const PATIENCE_MS = 10_000;

for (const kind of ["websocket", "stream", "poll"] as const) {
  describe(`a room's signals over ${kind}`, { timeout: 60_000 }, () => {
    test("[CLIENT-72] two clients hear each other and not themselves, and again after the server was away", async (t) => {
      const server = await new RealServer(t).start();
      const [ada, bob] = ["ada", "bob"].map((name) => {
        const client = connect(t, server.url, { transports: [kind] });
        const room = client.room("lobby");
        room.subscribe();
        const heard: RoomSignal[] = [];
        roomSignals(room).on("signal", (signal) => heard.push(signal));
        return { name, client, signals: roomSignals(room), heard };
      });
      assert.ok(ada !== undefined && bob !== undefined);
      /** Says it until it is heard: what nobody listens to yet, or between two polls, is gone. */
      const talk = async (what: string): Promise<void> => {
        for (const [speaker, hearer] of [[ada, bob] as const, [bob, ada] as const]) {
          const body = { what, by: speaker.name };
          const isHeard = (): boolean =>
            hearer.heard.some((signal) => JSON.stringify(signal.body) === JSON.stringify(body));
          assert.ok(await until(() => (speaker.signals.signal(body), isHeard()), PATIENCE_MS));
        }
      };
      await talk("hello");
      await server.stop();
      await server.start();
      await talk("again");
      for (const { name, client, heard } of [ada, bob]) {
        assert.ok(heard.every(({ body }) => (body as { by: string }).by !== name));
        const other: typeof ada = name === "ada" ? bob : ada;
        assert.deepEqual(new Set(heard.map(({ from }) => from)), new Set([other.client.identity]));
        assert.notEqual(client.identity, other.client.identity);
      }
    });
  });
}

describe("a room's signals", () => {
  test("[CLIENT-79] over polls each signal is heard once, in order, however many polls they come in", async (t) => {
    const server = await new RealServer(t).start();
    const client = connect(t, server.url, { transports: ["poll"] });
    const room = client.room("lobby");
    const heard: unknown[] = [];
    roomSignals(room).on("signal", ({ body }) => heard.push(body));
    room.subscribe();
    const said = server.parlor.room("lobby");
    assert.ok(await until(() => (said.signal("start"), heard.length > 0), PATIENCE_MS));
    let count = 0;
    const start = Date.now();
    // For as long as some polls take, on and on, whatever is between them.
    assert.ok(await until(() => (said.signal((count += 1)), Date.now() - start > 1_500), PATIENCE_MS));
    assert.ok(await until(() => heard.includes(count), PATIENCE_MS));
    const numbers = heard.filter((body) => typeof body === "number");
    assert.deepEqual(
      numbers,
      Array.from({ length: count }, (_, index) => index + 1),
    );
  });

  test("[CLIENT-72] who begins to listen in a room that is subscribed to already hears, and its messages go on", async (t) => {
    const server = await new RealServer(t).start();
    const room = connect(t, server.url).room("lobby");
    const bodies: unknown[] = [];
    room.on("messages", (messages) => bodies.push(...messages.map(({ body }) => body)));
    room.subscribe({ last: 10 });
    await server.parlor.room("lobby").publish("before");
    assert.ok(await until(() => bodies.length === 1, PATIENCE_MS));
    const heard: RoomSignal[] = [];
    const stop = roomSignals(room).on("signal", (signal) => heard.push(signal));
    assert.equal(roomSignals(room), roomSignals(room));
    await server.parlor.room("lobby").publish("after");
    assert.ok(await until(() => (server.parlor.room("lobby").signal(1), heard.length > 0), PATIENCE_MS));
    assert.deepEqual([bodies, heard[0]], [["before", "after"], { from: "@server", body: 1 }]);
    stop();
    const count = heard.length;
    server.parlor.room("lobby").signal(2);
    await server.parlor.room("lobby").publish("end");
    assert.ok(await until(() => bodies.length === 3, PATIENCE_MS));
    assert.equal(heard.length, count);
  });

  test("[CLIENT-72] several that come in one frame are told one by one, in order", async (t) => {
    const server = await new RealServer(t).start({ signalTick: () => 60_000 });
    const [listening, speaking] = [connect(t, server.url), connect(t, server.url)];
    const room = listening.room("lobby");
    room.subscribe();
    const heard: unknown[] = [];
    roomSignals(room).on("signal", ({ body }) => heard.push(body));
    const signals = roomSignals(speaking.room("lobby"));
    assert.ok(await until(() => (signals.signal("first"), heard.length > 0), PATIENCE_MS));
    const before = heard.length;
    for (const body of [1, 2, 3]) signals.signal(body);
    // Behind them on the same connection, and the server's word takes along what waits for the tick.
    await speaking.room("lobby").publish("end");
    server.parlor.room("lobby").signal("now");
    assert.ok(await until(() => heard.includes("now"), PATIENCE_MS));
    assert.deepEqual(heard.slice(before).slice(-4), [1, 2, 3, "now"]);
  });

  test("[CLIENT-73] without a connection a signal is dropped and said so, and none of it is sent later", async (t) => {
    const server = await new RealServer(t).start();
    const heard: unknown[] = [];
    await server.parlor.room("lobby").onSignal(({ body }) => heard.push(body));
    const client = connect(t, server.url);
    const signals = roomSignals(client.room("lobby"));
    assert.equal(signals.signal("too early"), false);
    await stateOf(client, "open");
    assert.ok(await until(() => signals.signal("now"), PATIENCE_MS));
    assert.ok(await until(() => heard.length > 0, PATIENCE_MS));
    await server.stop();
    await stateOf(client, "waiting");
    assert.equal(signals.signal("while away"), false);
    await server.start();
    const later: unknown[] = [];
    await server.parlor.room("lobby").onSignal(({ body }) => later.push(body));
    assert.ok(await until(() => (signals.signal("back"), later.length > 0), PATIENCE_MS));
    client.close();
    assert.equal(signals.signal("closed"), false);
    assert.deepEqual([...new Set(heard), ...new Set(later)], ["now", "back"]);
  });

  test("[CLIENT-73] what can't be said is told at once, and what comes too fast as an event", async (t) => {
    const server = await new RealServer(t).start({ maxBodyBytes: 100, signalsPerSecond: 1 });
    const client = connect(t, server.url);
    const signals = roomSignals(client.room("lobby"));
    assert.throws(() => signals.signal(undefined), { code: "bad-frame" });
    assert.ok(await until(() => signals.signal("first"), PATIENCE_MS));
    assert.throws(() => signals.signal("x".repeat(100)), { code: "too-large" });
    const errors: string[] = [];
    client.on("error", ({ code }) => errors.push(code));
    assert.ok(await until(() => (signals.signal("again"), errors.length > 0), PATIENCE_MS));
    assert.equal(errors[0], "rate-limited");
  });
});
