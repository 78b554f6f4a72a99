import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Standing } from "@parlor/moderation";
import { type NatsLog, openNatsLog } from "@parlor/nats";
import { NatsCluster, until } from "@parlor/testkit";
import { ACTS_ROOM } from "../src/act-record.ts";
import { type Person, Site } from "./support/site.ts";

const PATIENCE_MS = 20_000;

/** Servers of one cluster, each with a log of its own. */
describe("moderation on several nodes", { timeout: 120_000 }, () => {
  let cluster: NatsCluster;
  let logs: NatsLog[];
  before(async () => {
    cluster = await NatsCluster.start();
    logs = [];
    for (let i = 0; i < 2; i++) logs.push(await openNatsLog({ url: cluster.url, appendTimeoutMs: 10_000 }));
  });
  after(async () => {
    await Promise.all(logs.map((log) => log.close()));
    await cluster.stop();
  });

  const see = (who: Person): Promise<Standing> => who.told<Standing>("moderation.see", { room: "club" });

  test("[MOD-23] [MOD-27] one makes a room of two who try at once on two nodes; what moderators do on one holds on the other, and who begins later has it", async (t) => {
    const [one, two] = await Promise.all(logs.map((log) => Site.open(t, { log, compactAboveBytes: 500 })));
    assert.ok(one !== undefined && two !== undefined);
    const claims = await Promise.all(
      [one.person("ada"), two.person("ben")].map((who) => who.ask("moderation.claim", { room: "raced" })),
    );
    assert.deepEqual(new Set(claims.map(({ error }) => error?.code)), new Set(["forbidden", undefined]));

    const ada = one.person("ada");
    await ada.told("moderation.claim", { room: "club" });
    const { link } = await ada.act("club", { kind: "link", right: "moderator" });
    // A link of one node is every node's.
    const ben = two.person("ben");
    assert.ok(
      await until(
        async () => (await ben.ask("moderation.accept", { link: link?.token })).error === undefined,
        PATIENCE_MS,
      ),
    );
    assert.ok(await until(async () => (await see(one.person("ben"))).right === "moderator", PATIENCE_MS));
    const cy = await one.person("cy").identity();
    await ben.act("club", { kind: "ban", identity: cy, forMs: null });
    for (const site of [two, one]) {
      assert.ok(
        await until(
          async () => (await site.person("cy").publish("club", "x"))?.code === "forbidden",
          PATIENCE_MS,
        ),
      );
    }

    // Two moderators at once on two nodes: both acts hold, or the first of them in the log, the same everywhere.
    const di = await one.person("di").identity();
    await Promise.all([
      ada.act("club", { kind: "slow", ms: 2_000 }),
      ben.act("club", { kind: "lock", on: true }),
      ada.act("club", { kind: "mute", identity: di, forMs: null }),
      ben.act("club", { kind: "mute", identity: di, forMs: 60_000 }).catch(() => undefined),
    ]);
    // The same intent at both nodes at once is done once.
    const same = { room: "club", id: "the-same-act", act: { kind: "lock", on: false } };
    const done = await Promise.all(
      [one, two].map((site) => site.person("ada").told<{ offset: number }>("moderation.act", same)),
    );
    assert.equal(done[0]?.offset, done[1]?.offset);

    const later = await Site.open(t, { log: logs[0] as NatsLog });
    const sites = [one, two, later];
    const stateOf = (site: Site): string =>
      JSON.stringify([site.moderation.asOperator.sanctions(), site.moderation.asOperator.rooms()]);
    assert.ok(
      await until(() => new Set(sites.map(stateOf)).size === 1, PATIENCE_MS),
      sites.map(stateOf).join("\n"),
    );
    const { messages = [] } = await two.person("ada").read("club");
    // Both nodes summed up meanwhile, and the last one began from there.
    const { earliest } = await (logs[1] as NatsLog).head(ACTS_ROOM);
    assert.ok(earliest > 1, "nothing was summed up");
    const kinds = messages.map(({ body }) => (body as { act: { kind: string } }).act.kind);
    assert.deepEqual(kinds.filter((kind) => kind === "lock").length, 2);
  });
});
