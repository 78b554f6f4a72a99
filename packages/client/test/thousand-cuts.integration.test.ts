import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { TcpProxy } from "@parlor/testkit";
import type { ParlorClient, TransportKind } from "../src/index.ts";
import { collect, connect, RealServer, stateOf } from "./real-server.ts";

const KINDS: readonly TransportKind[] = ["websocket", "stream", "poll"];
const CLIENTS_OF_A_KIND = 4;
const CUTS = 1_000;

describe("a thousand cuts", { timeout: 90_000 }, () => {
  test("[RACE-12] over all transports, with publishes on their way: each message is stored once and seen once by everybody, in one order", async (t) => {
    const server = await new RealServer(t).start();
    const network = await TcpProxy.listen(server.port);
    t.after(() => network[Symbol.asyncDispose]());
    const url = `http://127.0.0.1:${network.port}/`;
    const cuts = new Map<TransportKind, number>();
    const members = KINDS.flatMap((kind) =>
      Array.from({ length: CLIENTS_OF_A_KIND }, () => {
        const client = connect(t, url, { transports: [kind], random: () => 0 });
        const seen = collect(client.room("lobby"));
        client.room("lobby").on("lost", (lost) => assert.fail(JSON.stringify(lost)));
        client.room("lobby").subscribe({ last: 500 });
        countCuts(client, () => cuts.set(kind, (cuts.get(kind) ?? 0) + 1));
        return { client, seen, said: [] as string[] };
      }),
    );
    const total = (): number => [...cuts.values()].reduce((sum, count) => sum + count, 0);
    const promises: Promise<unknown>[] = [];
    while (total() < CUTS) {
      await Promise.all(members.map(({ client }) => stateOf(client, "open")));
      const newest = members.map(({ client, said }, who) => {
        said.push(`${who}: ${said.length}`);
        return client.room("lobby").publish(said.at(-1));
      });
      promises.push(...newest);
      // At a moment that differs from round to round: after the first ack, the second, …
      await newest[promises.length % newest.length];
      network.cutAll();
    }
    await Promise.all(promises);
    for (const { seen } of members) await seen.until(promises.length);

    const stored = await server.bodies("lobby");
    assert.equal(stored.length, promises.length);
    for (const [who, { seen, said }] of members.entries()) {
      assert.deepEqual(seen.bodies, stored);
      assert.deepEqual(
        stored.filter((body) => String(body).startsWith(`${who}: `)),
        said,
      );
    }
    for (const kind of KINDS) assert.ok((cuts.get(kind) ?? 0) >= CUTS / 5, `${kind}: ${cuts.get(kind)} cuts`);
    t.diagnostic(`${total()} cuts (${[...cuts].join("; ")}), ${stored.length} messages`);
  });
});

/** Counts how often an open connection was lost. */
function countCuts(client: ParlorClient, count: () => void): void {
  let wasOpen = false;
  client.on("state", ({ kind }) => {
    if (wasOpen && kind !== "open") count();
    wasOpen = kind === "open";
  });
}
