import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ParlorClient } from "@parlor/client";
import { checkHistory, HistoryRecorder, RecordedPeer, seededRandom, testSeed } from "@parlor/testkit";
import { ParlorProcess, temporaryFolder, within } from "./parlor-process.ts";

const KILLS = 30;
const PUBLISHERS = 10;
const SUBSCRIBERS = 4;
const ROOM = "kill";

/** What the log says of the room when all is over, read page by page. */
async function readLog(url: string, recorder: HistoryRecorder): Promise<number> {
  let after = 0;
  for (;;) {
    const answer = await fetch(`${url}rooms/${ROOM}/messages?after=${after}&limit=500`);
    assert.equal(answer.status, 200);
    const page = (await answer.json()) as {
      epoch: string;
      earliest: number;
      head: number;
      messages: Parameters<HistoryRecorder["addLog"]>[3][number][];
    };
    pages.push(...page.messages);
    after = page.messages.at(-1)?.offset ?? page.head;
    if (after >= page.head) {
      recorder.addLog(ROOM, page.epoch, page.earliest, pages);
      return page.head;
    }
  }
}
const pages: Parameters<HistoryRecorder["addLog"]>[3][number][] = [];

describe("SIGKILL under load", () => {
  test(`[DURABLE-1] [ONCE-1] [ORDER-1] [CHAIN-1] after ${KILLS} kills every acked message is there once, in one order, and everybody was told it once`, async (t) => {
    const seed = testSeed();
    t.diagnostic(`seed ${seed}`);
    const random = seededRandom(seed);
    using data = temporaryFolder();
    const recorder = new HistoryRecorder();
    const args = (port: string): string[] => [
      "--data",
      data.path,
      "--port",
      port,
      "--publish-per-second",
      "Infinity",
    ];
    let server = new ParlorProcess({ args: args("0") });
    const url = await server.url;
    const { port } = new URL(url);
    const peer = (name: string, subscribes: boolean): RecordedPeer =>
      new RecordedPeer({
        url: () => `ws://127.0.0.1:${port}/connect`,
        room: ROOM,
        name,
        recorder,
        subscribes,
      });
    const publishers = Array.from({ length: PUBLISHERS }, (_, i) => peer(`publisher ${i}`, i < 3));
    const subscribers = Array.from({ length: SUBSCRIBERS }, (_, i) => peer(`subscriber ${i}`, true));
    try {
      for (const publisher of publishers) publisher.startPublishing();
      let killsUnderLoad = 0;
      for (let kill = 0; kill < KILLS; kill++) {
        const before = publishers.map(({ acked }) => acked);
        const some = publishers[kill % PUBLISHERS] as RecordedPeer;
        // Under load: the publisher that is watched has had answers from this very process.
        const wanted = some.acked + 5 + Math.floor(random() * 200);
        await within(
          some.until(() => some.acked >= wanted),
          `publisher ${kill % PUBLISHERS} got no answers`,
        );
        if (publishers.some((publisher) => publisher.unackedCount > 0)) killsUnderLoad += 1;
        assert.ok(publishers.some(({ acked }, i) => acked > (before[i] as number)));
        server.kill("SIGKILL");
        assert.equal((await server.end()).signal, "SIGKILL");
        server = new ParlorProcess({ args: args(port) });
        await server.url;
      }
      assert.ok(
        killsUnderLoad >= KILLS * 0.9,
        `only ${killsUnderLoad} kills met publishes without an answer`,
      );
      for (const publisher of publishers) publisher.stopPublishing();
      for (const publisher of publishers) {
        await within(
          publisher.until(() => publisher.unackedCount === 0),
          "a publish was never answered",
        );
      }
      const head = await readLog(url, recorder);
      for (const one of [...subscribers, ...publishers.slice(0, 3)]) {
        await within(
          one.until(() => one.offset >= head),
          `somebody stopped at ${one.offset} of ${head}`,
        );
      }
      for (const one of [...subscribers, ...publishers]) one.close();

      const violations = checkHistory(recorder.events, { settled: true });
      assert.deepEqual(violations.slice(0, 10), []);
      const acked = publishers.reduce((sum, publisher) => sum + publisher.acked, 0);
      assert.ok(acked > 1_000, `only ${acked} acks: too few to prove anything`);
      assert.ok(
        subscribers.every(({ welcomes }) => welcomes > KILLS / 2),
        "subscribers came back after the kills",
      );
      t.diagnostic(
        `${KILLS} kills, ${killsUnderLoad} with publishes on their way, ${acked} acked, ${head} in the log`,
      );

      // A client of the product's own reads the same room.
      const client = new ParlorClient(url);
      const page = await within(client.room(ROOM).history({ limit: 10 }), "the client got no history");
      assert.equal(page.messages.at(-1)?.offset, head);
      client.close();
    } finally {
      for (const one of [...subscribers, ...publishers]) one.close();
      server.kill("SIGTERM");
      await server.end();
    }
  });
});
