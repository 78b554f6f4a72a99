import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MemoryLog } from "@parlor/log";
import { type ActRecord, ACTS_ROOM } from "../src/act-record.ts";
import { Site } from "./support/site.ts";

/** A log in which that much was done already. */
async function logWith(records: readonly ActRecord[]): Promise<MemoryLog> {
  const log = new MemoryLog();
  const secret: ActRecord = { kind: "secret", secret: "c2VjcmV0" };
  await Promise.all(
    [secret, ...records].map((record, i) =>
      log.append({
        room: ACTS_ROOM,
        from: "@server",
        producer: `record-${i}`,
        seq: 1,
        afterSeq: 0,
        bodyJson: JSON.stringify(record),
        remember: false,
        admit: "any",
      }),
    ),
  );
  return log;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

async function metricsOf({ origin }: Site): Promise<(metric: string) => number> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  return (metric) => {
    const line = text.split("\n").find((each) => each.startsWith(`${metric} `));
    assert.ok(line !== undefined, `${metric} is in /metrics`);
    return Number(line.slice(metric.length + 1));
  };
}

const refused = async (site: Site, reason: string): Promise<number> =>
  (await metricsOf(site))(`parlor_moderation_refused_total{reason="${reason}"}`);

describe("bounds of moderation in /metrics", () => {
  test("[METRIC-1] a link that nobody made, a 21st pin, and a 4th message of one that waits are counted", async (t) => {
    const site = await Site.open(t);
    const [ada, cy] = [site.person("ada"), site.person("cy")];
    await ada.told("moderation.claim", { room: "club" });
    assert.equal(await refused(site, "wrong-link"), 0);
    assert.equal(await cy.refused("moderation.look", { link: "forged" }), "forbidden");
    assert.equal(await refused(site, "wrong-link"), 1);

    for (const number of upTo(21)) await ada.publish("club", `message ${number}`);
    for (const offset of upTo(20)) await ada.act("club", { kind: "pin", offset });
    assert.equal(await refused(site, "room-full"), 0);
    assert.equal(await ada.refusedAct("club", { kind: "pin", offset: 21 }), "forbidden");
    assert.equal(await refused(site, "room-full"), 1);

    await ada.act("club", { kind: "screen", on: true });
    for (const number of upTo(3)) await cy.publish("club", `https://example.com/${number}`);
    assert.equal(await refused(site, "held-full"), 0);
    await cy.publish("club", "https://example.com/4");
    assert.equal(await refused(site, "held-full"), 1);
  });

  test("[METRIC-1] a report where 200 are open is counted", async (t) => {
    const report = { kind: "report", room: "club", reason: "spam", words: "", from: "x" } as const;
    const records = upTo(200).map(
      (i): ActRecord => ({ ...report, key: `r${i}`, by: `who${i}`, offset: 100 + i }),
    );
    const log = await logWith(records);
    t.after(() => log.close());
    const site = await Site.open(t, { log });
    const cy = site.person("cy");
    await cy.publish("club", "hello");
    assert.equal(await refused(site, "reports-full"), 0);
    const code = await cy.refused("moderation.report", { room: "club", offset: 1, reason: "spam" });
    assert.deepEqual([code, await refused(site, "reports-full")], ["rate-limited", 1]);
  });

  test("[METRIC-1] [METRIC-2] what finds no place on the server is counted, and how much there is shown beside how much may be", async (t) => {
    // Of each room something is known, whatever it is.
    const records = upTo(20_000).map(
      (i): ActRecord => ({ kind: "marks", room: `room-${i}`, identity: "somebody", marks: [] }),
    );
    const log = await logWith(records);
    t.after(() => log.close());
    const site = await Site.open(t, { log });
    assert.equal(await refused(site, "server-full"), 0);
    assert.equal(await site.person("ada").refused("moderation.claim", { room: "one-more" }), "unavailable");
    const metric = await metricsOf(site);
    assert.equal(metric('parlor_moderation_refused_total{reason="server-full"}'), 1);
    assert.equal(metric('parlor_bound_used{bound="moderation_rooms"}'), 20_000);
    assert.equal(metric('parlor_bound_max{bound="moderation_rooms"}'), 20_000);
    assert.equal(metric('parlor_bound_used{bound="moderation_links_held"}'), 0);
    assert.equal(metric('parlor_bound_max{bound="moderation_links_held"}'), 200_000);
  });
});
