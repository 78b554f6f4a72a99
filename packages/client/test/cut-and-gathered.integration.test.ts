import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { randomInteger, seededRandom, TcpProxy, testSeed } from "@parlor/testkit";
import type { TransportKind } from "../src/index.ts";
import { collect, connect, RealServer, stateOf } from "./real-server.ts";

const KINDS: readonly TransportKind[] = ["websocket", "stream", "poll"];
const PUBLISHES = 60;
/** Of one to four bytes, and what a parser of frames, lines or events could take for its own. */
const LETTERS = ["a", "é", "漢", "🎈", "\n", "\r\n\r\n", '"', "\\", "\u0000", "data: ", "\u2028", "0\r\n"];

/** What a network does to the bytes; each is told before the first one comes. */
const NETWORKS: Readonly<Record<string, (network: TcpProxy, random: () => number) => void>> = {
  "split at every byte": (network) => network.split(1),
  "split at bytes that a seed chooses": (network, random) =>
    network.split(() => randomInteger(random, 1, 700)),
  "gathered until there is much": (network) => network.coalesce({ holdMs: 30, untilBytes: 20_000 }),
  "gathered, and split at every byte": (network) => {
    network.coalesce({ holdMs: 10 });
    network.split(1);
  },
};

for (const [what, tell] of Object.entries(NETWORKS)) {
  for (const kind of KINDS) {
    describe(`${kind}, ${what}`, { timeout: 60_000 }, () => {
      test("[TRANSPORT-43] every message comes once, in order, to the byte, and is stored so", async (t) => {
        const seed = testSeed();
        t.diagnostic(`seed ${seed}`);
        const random = seededRandom(seed);
        const server = await new RealServer(t).start();
        const network = await TcpProxy.listen(server.port);
        t.after(() => network[Symbol.asyncDispose]());
        tell(network, random);
        const url = `http://127.0.0.1:${network.port}/`;
        const clients = [
          connect(t, url, { transports: [kind] }),
          connect(t, url, { transports: [kind] }),
        ] as const;
        const [writer, reader] = [clients[0].room("lobby"), clients[1].room("lobby")];
        const seen = collect(reader);
        reader.on("lost", (lost) => assert.fail(JSON.stringify(lost)));
        reader.subscribe({ last: 500 });
        const letters = (): string =>
          Array.from(
            { length: randomInteger(random, 0, 120) },
            () => LETTERS[randomInteger(random, 0, 11)],
          ).join("");
        const said: unknown[] = [];
        // Half at once, so that many frames go together, and half one by one.
        const bodies = Array.from({ length: PUBLISHES }, (_, n) => ({ n, text: letters() }));
        const offsets: (number | null)[] = [];
        const publish = async (body: unknown): Promise<void> => {
          said.push(body);
          offsets.push((await writer.publish(body)).offset);
        };
        await Promise.all(bodies.slice(0, PUBLISHES / 2).map(publish));
        for (const body of bodies.slice(PUBLISHES / 2)) await publish(body);
        await seen.until(PUBLISHES);
        assert.deepEqual(seen.bodies, said);
        assert.deepEqual(await server.bodies("lobby"), said);
        assert.deepEqual(
          offsets,
          said.map((_, index) => index + 1),
        );
        const { messages } = await reader.history({ limit: PUBLISHES });
        assert.deepEqual(
          messages.map(({ body }) => body),
          said,
        );
        for (const client of clients) assert.equal((await stateOf(client, "open")).transport, kind);
      });
    });
  }
}
