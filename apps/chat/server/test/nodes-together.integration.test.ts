import assert from "node:assert/strict";
import { test } from "node:test";
import { ParlorClient } from "@parlor/client";
import { NatsCluster, until } from "@parlor/testkit";
import { ParlorProcess, temporaryFolder } from "./parlor-process.ts";

const PATIENCE_MS = 60_000;
const KEY = "an-operators-key-of-some-length";
const bearer = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };

interface Figures {
  readonly processes: readonly {
    readonly status: { readonly worker: string | null; readonly log: { readonly kind: string } };
    readonly more: { readonly jobs?: readonly { readonly kind: string; readonly state: string }[] } | null;
  }[];
}

test("[CLUSTER-11] [CLUSTER-12] [CLUSTER-13] a node and one of two workers add up, do an operator's job once, and offer no uploads", async () => {
  await using cluster = await NatsCluster.start({ more: "max_payload: 524288" });
  using first = temporaryFolder();
  using second = temporaryFolder();
  const log = `${cluster.url}?monitor=${new URL(cluster.monitorOf(0)).port}`;
  const args = ["--port", "0", "--log", log, "--operator-key", KEY, "--data"];
  await using workers = new ParlorProcess({ args: [...args, first.path, "--workers", "2"] });
  await using single = new ParlorProcess({ args: [...args, second.path] });
  const [here, there] = await Promise.all([workers.url, single.url]);

  // Of eight rooms some are written by another process than the one that was asked.
  let from = "";
  for (let i = 0; i < 16; i++) {
    const answer = await fetch(`${i % 2 === 0 ? here : there}rooms/room-${i % 8}/messages`, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": `one ${i}` },
      body: JSON.stringify(`text ${i}`),
    });
    assert.equal(answer.status, 201, await answer.text());
  }
  for (let i = 0; i < 8; i++) {
    const answer = await fetch(`${there}rooms/room-${i}/messages`);
    const { messages } = (await answer.json()) as { messages: { from: string; offset: number }[] };
    assert.deepEqual(
      messages.map(({ offset }) => offset),
      [1, 2],
    );
    from = messages[0]?.from ?? "";
  }

  // Four clients, two at each address, in one room each of them, and every one hears what all of them say.
  const clients: ParlorClient[] = [];
  let heard = 0;
  try {
    for (const url of [here, here, there, there]) {
      const client = new ParlorClient(url);
      clients.push(client);
      const room = client.room("together");
      const subscribed = new Promise<void>((resolve) => void room.on("subscribed", () => resolve()));
      room.on("messages", (messages) => void (heard += messages.length));
      room.subscribe();
      await subscribed;
    }
    for (const client of clients) await client.room("together").publish("hello");
    assert.ok(await until(() => heard === 16, PATIENCE_MS), `${heard}`);

    const told = new Map<string, string>();
    const sum = (metric: string): number => {
      const lines = [...told.values()]
        .join("\n")
        .matchAll(new RegExp(`^${metric}(?:\\{[^}]*\\})? (\\d+)$`, "gm"));
      return [...lines].reduce((all, [, value]) => all + Number(value), 0);
    };
    const sums = (): number[] =>
      ["publishes_total", "deliveries_total", "connections", "subscriptions"].map((name) =>
        sum(`parlor_${name}`),
      );
    const scrape = async (url: string): Promise<void> => {
      const text = await (await fetch(`${url}metrics`, { headers: { connection: "close" } })).text();
      told.set(`${url} ${/^parlor_publishes_total(\{[^}]*\})?/m.exec(text)?.[1]}`, text);
    };
    // The process that moves the examples listens to the arena, too, once they have agreed on which one that is.
    const expected = [20, heard, 4, 5];
    const addsUp = async (): Promise<boolean> => {
      await Promise.all([scrape(here), scrape(there)]);
      return told.size === 3 && JSON.stringify(sums()) === JSON.stringify(expected);
    };
    assert.ok(await until(addsUp, PATIENCE_MS), `${told.size} processes: ${sums().join()}`);
    assert.equal(sum("parlor_nats_wrong_copies_total"), 0);
    for (const line of [/_wrong_copies_total 0/, /_record_bytes [1-9]\d*/, /_rooms_open [1-9]\d*/])
      assert.match([...told.values()].join(), new RegExp(`^parlor_nats${line.source}$`, "m"));
  } finally {
    for (const client of clients) client.close();
  }

  assert.match(await (await fetch(there)).text(), /<meta name="parlor-files" content="no">/);

  const erase = { method: "POST", headers: bearer, body: JSON.stringify({ identity: from }) };
  assert.equal((await fetch(`${there}operator/api/erase`, erase)).status, 200);
  let jobs: string[] = [];
  const isDone = async (): Promise<boolean> => {
    const answer = await fetch(`${there}operator/api/figures`, { headers: bearer });
    const { processes } = (await answer.json()) as Figures;
    jobs = processes.flatMap(({ more }) => (more?.jobs ?? []).map(({ state }) => state));
    return processes.length === 3 && jobs.includes("done");
  };
  assert.ok(await until(isDone, PATIENCE_MS), jobs.join());
  assert.deepEqual(jobs, ["done"], "one of the three processes did it");
});
