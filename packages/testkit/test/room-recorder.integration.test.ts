import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { ParlorClient } from "@parlor/client";
import { MemoryLog } from "@parlor/log";
import { Parlor, type ParlorOptions } from "@parlor/server";
import { checkHistory, HistoryRecorder, recordLog, RoomRecorder, TcpProxy } from "@parlor/testkit";

const QUIET = { info() {}, warn() {}, error() {} };
const KINDS = ["websocket", "stream", "poll"] as const;

async function setUp(t: TestContext, options: Partial<ParlorOptions> = {}) {
  const parlor = new Parlor({ log: new MemoryLog(), publishPerSecond: Infinity, logger: QUIET, ...options });
  const { port } = await parlor.listen({ port: 0 });
  const network = await TcpProxy.listen(port);
  const recorder = new HistoryRecorder();
  const clients: ParlorClient[] = [];
  t.after(async () => {
    for (const client of clients) client.close();
    await network[Symbol.asyncDispose]();
    await parlor.close();
  });
  const join = (
    name: string,
    kind: (typeof KINDS)[number],
  ): { client: ParlorClient; person: RoomRecorder } => {
    const url = `http://127.0.0.1:${network.port}/`;
    const client = new ParlorClient(url, { transports: [kind], random: () => 0.02 });
    clients.push(client);
    return { client, person: new RoomRecorder({ client, room: "lobby", name, recorder }) };
  };
  return { parlor, network, recorder, join, url: `http://127.0.0.1:${port}/` };
}

describe("RoomRecorder", { timeout: 60_000 }, () => {
  test("[KIT-5] over every transport, through cuts, a sound run has no violation, and one message less in the log is a lost write", async (t) => {
    const { network, recorder, join, url } = await setUp(t);
    const people = KINDS.map((kind) => join(kind, kind).person);
    for (let round = 0; round < 6; round++) {
      const said = people.map((person, i) => person.publish(`${i}: ${round}`));
      await said[round % said.length];
      network.cutAll();
      await Promise.all(said);
    }
    const head = await recordLog(recorder, url, "lobby");
    await Promise.all(people.map((person) => person.reaches(head)));
    assert.equal(head, 18);
    assert.deepEqual(checkHistory(recorder.events, { settled: true }), []);
    assert.ok((people[0]?.subscribedCount ?? 0) > 1, "the WebSocket came back");
    const acks = recorder.events.filter((event) => event.kind === "publish" && event.outcome === "ok");
    assert.equal(acks.length, 18);

    const robbed = recorder.events.map((event) =>
      event.kind === "log"
        ? { ...event, entries: event.entries.filter(({ offset }) => offset !== 7) }
        : event,
    );
    assert.deepEqual([...new Set(checkHistory(robbed).map(({ name }) => name))].sort(), [
      "lost-write",
      "skip",
    ]);
  });

  test("[KIT-5] what was refused for good is recorded so, what has no answer too, and what was never taken is told its sender", async (t) => {
    const { network, recorder, join } = await setUp(t, {
      authorize: ({ action }) => action !== "publish",
    });
    const { client, person } = join("ada", "websocket");
    await person.publish("forbidden");
    await assert.rejects(person.publish(undefined), { code: "bad-frame" });
    network.pause();
    const unanswered = person.publish("into nothing");
    client.close();
    await unanswered;
    const outcomes = recorder.events.flatMap((event) => (event.kind === "publish" ? [event.outcome] : []));
    assert.deepEqual(outcomes, ["invoke", "fail", "invoke", "info"]);
  });
});
