import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkHistory, HistoryRecorder, RecordedPeer } from "@parlor/testkit";
import { MortalWorkers } from "./support/mortal-workers.ts";
import { RecordedReader, RecordedSender } from "./support/recorded-roads.ts";
import type { RestPage } from "./support/rest.ts";
import { within } from "./support/within.ts";

const ROOM = "kill";
const ROUNDS = 4;
const PATIENCE_MS = 30_000;

/** Everything that the log holds, asked of one worker after the other; a 502 or 503 is asked again. */
async function readLog(origin: string): Promise<RestPage> {
  const messages: RestPage["messages"][number][] = [];
  for (;;) {
    const after = messages.at(-1)?.offset ?? 0;
    const answer = await fetch(`${origin}/rooms/${ROOM}/messages?after=${after}&limit=500`);
    if (answer.status >= 500) {
      await answer.body?.cancel();
      continue;
    }
    const page = (await answer.json()) as RestPage;
    messages.push(...page.messages);
    if ((messages.at(-1)?.offset ?? 0) >= page.head) return { ...page, messages };
  }
}

describe("two workers and the owner of their log, killed behind a blind balancer", () => {
  test("[WORKERS-8] [DURABLE-1] [ONCE-1] [ORDER-1] [CHAIN-1] over every transport at once nothing acked is lost, doubled or out of order", async (t) => {
    const mortals = await MortalWorkers.start(t);
    const { origin } = mortals;
    const recorder = new HistoryRecorder();
    const common = { origin, room: ROOM, recorder };
    const peers = [0, 1, 2, 3].map(
      (i) =>
        new RecordedPeer({
          url: () => `${origin.replace("http", "ws")}/connect`,
          room: ROOM,
          name: `peer ${i}`,
          recorder,
          subscribes: true,
          window: 16,
        }),
    );
    const readers = (["stream", "poll", "stream", "poll"] as const).map(
      (road, i) => new RecordedReader(road, { ...common, name: `${road} ${i}` }),
    );
    const senders = [0, 1].map((i) => new RecordedSender({ ...common, name: `sender ${i}` }));
    const everybody = [...peers, ...readers, ...senders];
    t.after(() => everybody.forEach((each) => each.close()));
    for (const peer of peers.slice(0, 3)) peer.startPublishing();
    const publishers = [...peers.slice(0, 3), ...senders];
    const getOn = async (count: number): Promise<void> => {
      for (const publisher of publishers) {
        const goal = publisher.acked + count;
        await within(
          publisher.until(() => publisher.acked >= goal),
          "an ack",
          PATIENCE_MS,
        );
      }
    };
    for (let round = 0; round < ROUNDS; round++) {
      await getOn(40);
      const worker = mortals.workers[round % 2];
      assert.ok(worker !== undefined);
      await worker.kill();
      // With one worker gone, every second request is 502, and everybody gets on all the same.
      await getOn(20);
      await mortals.owner.kill();
      await mortals.owner.start();
      await worker.start();
    }
    await getOn(40);
    for (const publisher of publishers) publisher.stopPublishing();
    for (const publisher of publishers) {
      await within(
        publisher.until(() => publisher.unackedCount === 0),
        "the last ack",
        PATIENCE_MS,
      );
    }
    const { head, epoch, earliest, messages } = await readLog(origin);
    for (const one of [...peers, ...readers]) {
      await within(
        one.until(() => one.offset >= head),
        () => `somebody at ${one.offset} to come to ${head}`,
        PATIENCE_MS,
      );
    }
    for (const each of everybody) each.close();
    recorder.addLog(ROOM, epoch, earliest, messages);
    assert.deepEqual(checkHistory(recorder.events, { settled: true }).slice(0, 10), []);
    const acked = publishers.reduce((sum, publisher) => sum + publisher.acked, 0);
    assert.ok(readers.every(({ faults }) => faults > 0) && senders.every(({ faults }) => faults > 0));
    const [first = 0, second = 0] = mortals.balancer.turns;
    assert.ok(Math.abs(first - second) <= 1, "the balancer alternated");
    t.diagnostic(`${ROUNDS * 2} kills, ${acked} acked, ${head} in the log, ${first + second} requests`);
  });
});
