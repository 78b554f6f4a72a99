import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { MemoryLog } from "@parlor/log";
import type { HeldShown, ReportShown, Standing } from "@parlor/moderation";
import { Files } from "@parlor/server";
import { until } from "@parlor/testkit";
import { ACTS_ROOM, recordKey } from "../src/act-record.ts";
import { randomAct, type Read, Site } from "./support/site.ts";

interface Queue {
  readonly reports: readonly ReportShown[];
  readonly held: readonly HeldShown[];
}

/** What names the first decision that somebody was told. */
function decisionIn({ messages = [] }: Read): string {
  const body = messages[0]?.body as { readonly moderation: { readonly id: string } } | undefined;
  return body?.moderation.id ?? "";
}

describe("a report", () => {
  test("[MOD-15] comes to the moderators once with what stands around it; who reported is told what was decided, nobody else sees it", async (t) => {
    const site = await Site.open(t);
    const [ada, ben, cy] = [site.person("ada"), site.person("ben"), site.person("cy")];
    await ada.told("moderation.claim", { room: "club" });
    for (const text of ["one", "two", "three", "four"]) await ben.publish("club", text);
    const report = { room: "club", offset: 3, reason: "abuse", words: "look at this" };
    assert.deepEqual(await cy.told("moderation.report", report), { isNew: true });
    assert.deepEqual(await cy.told("moderation.report", report), { isNew: false });
    await ada.told("moderation.report", { room: "club", offset: 2, reason: "spam" });
    assert.equal(
      await cy.refused("moderation.report", { room: "club", offset: 99, reason: "spam" }),
      "bad-frame",
    );
    assert.equal(
      await cy.refused("moderation.report", { room: "club", offset: 3, reason: "because" }),
      "bad-frame",
    );
    assert.equal(await cy.refused("moderation.queue", { room: "club" }), "forbidden");
    const { reports } = await ada.told<Queue>("moderation.queue", { room: "club" });
    assert.deepEqual(
      reports.map((each) => [each.offset, each.count, each.reasons, each.words, each.from]),
      [
        [3, 1, { abuse: 1 }, ["look at this"], await ben.identity()],
        [2, 1, { spam: 1 }, [], await ben.identity()],
      ],
    );
    assert.deepEqual(
      reports[0]?.context.map(({ body }) => body),
      ["one", "two", "three", "four"],
    );
    assert.equal((await ada.told<Standing>("moderation.see", { room: "club" })).openReports, 2);
    assert.equal((await cy.told<Standing>("moderation.see", { room: "club" })).openReports, 0);

    await ada.act("club", { kind: "decide", offset: 3, verdict: "remove" });
    await ada.act("club", { kind: "decide", offset: 2, verdict: "dismiss" });
    assert.equal(await ada.refusedAct("club", { kind: "decide", offset: 2, verdict: "remove" }), "forbidden");
    await site.moderation.idle();
    const { messages = [] } = await cy.read("club");
    assert.deepEqual(
      messages.map(({ body, re }) => [re, body === null ? null : typeof body === "string" ? body : "act"]),
      [
        [undefined, "one"],
        [undefined, "two"],
        [undefined, null],
        [undefined, "four"],
        [3, "act"],
      ],
    );
    assert.deepEqual((await ada.told<Queue>("moderation.queue", { room: "club" })).reports, []);
    assert.equal(await cy.refused("moderation.report", { ...report, offset: 2 }), "forbidden");
    const inbox: Read = await cy.read(`@${await cy.identity()}`);
    assert.deepEqual(
      inbox.messages?.map(({ body }) => body),
      [{ moderation: { room: "club", offset: 3, verdict: "remove", id: decisionIn(inbox) } }],
    );
    assert.match(decisionIn(inbox), /^[\w-]{22}$/);
  });
});

describe("screening", () => {
  test("[MOD-16] what waited with a file that is gone by then is let through without it", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "parlor-held-"));
    const files = await Files.open({ folder, collects: false });
    t.after(async () => {
      await files.close();
      await rm(folder, { recursive: true, force: true });
    });
    const site = await Site.open(t, { files });
    const [ada, cy] = [site.person("ada"), site.person("cy")];
    await ada.told("moderation.claim", { room: "club" });
    await ada.act("club", { kind: "screen", on: true });
    const words = { text: "see https://example.com", name: "Cy" };
    const { upload, hash } = await cy.upload("club", "abc");
    await cy.publish("club", { ...words, files: [{ hash, name: "a.txt" }] });
    await cy.giveUp("club", upload);
    const { held } = await ada.told<Queue>("moderation.queue", { room: "club" });
    await ada.act("club", { kind: "let-through", held: held[0]?.id });
    await site.moderation.idle();
    const last = (await ada.read("club")).messages?.at(-1);
    assert.deepEqual([last?.from, last?.body], [await cy.identity(), words]);
    const acts = await site.log.read(ACTS_ROOM, 0, { maxMessages: 1_000, maxBytes: Infinity });
    assert.doesNotMatch(JSON.stringify(acts.messages), /example\.com/, "and it waits no more");
  });

  test("[MOD-16] a newcomer's message with a link waits in words, and stands in the room as theirs once it is let through; others' pass", async (t) => {
    const site = await Site.open(t);
    const [ada, ben, cy] = [site.person("ada"), site.person("ben"), site.person("cy")];
    await ada.told("moderation.claim", { room: "club" });
    for (const text of ["one", "two", "three"]) await ben.publish("club", text);
    await ada.act("club", { kind: "screen", on: true });
    const spam = { text: "buy at\nhttps://example.com", name: "Cy" };
    const refusal = await cy.publish("club", spam);
    assert.deepEqual(
      [refusal?.code, /wait for a moderator; this one does now/.test(refusal?.message ?? "")],
      ["forbidden", true],
    );
    await cy.publish("club", spam);
    assert.equal(await cy.publish("club", "no link"), null);
    assert.equal(await ben.publish("club", "known, and https://example.org"), null);
    assert.equal(await ada.publish("club", "mine is https://example.org"), null);
    const { held } = await ada.told<Queue>("moderation.queue", { room: "club" });
    assert.deepEqual(
      held.map(({ body, from }) => [body, from]),
      [[spam, await cy.identity()]],
    );
    assert.equal(await cy.refused("moderation.queue", { room: "club" }), "forbidden");
    await ada.act("club", { kind: "let-through", held: held[0]?.id });
    assert.equal(await ada.refusedAct("club", { kind: "let-through", held: held[0]?.id }), "forbidden");
    await site.moderation.idle();
    const last = (await ben.read("club")).messages?.at(-1);
    assert.deepEqual([last?.from, last?.body], [await cy.identity(), spam]);
    // Said again it can't be told from what was sent again, and waits for nobody: so it is not said to.
    assert.match(
      (await cy.publish("club", spam))?.message ?? "",
      /one has decided on this very message before\.$/,
    );
    assert.deepEqual((await ada.told<Queue>("moderation.queue", { room: "club" })).held, []);
    for (let i = 0; i < 4; i += 1) await cy.publish("club", `again https://example.com/${i}`);
    const { held: more } = await ada.told<Queue>("moderation.queue", { room: "club" });
    assert.equal(more.length, 3, "one person fills the queue");
    await ada.act("club", { kind: "drop", held: more[0]?.id });
    // What was not let through, and what somebody else is to be forgotten by, is kept nowhere.
    await ben.told("moderation.report", { room: "club", offset: 1, reason: "other", words: "my own words" });
    await site.moderation.idle();
    await site.moderation.eraseWordsOf(await ben.identity());
    await ada.act("club", { kind: "ban", identity: await cy.identity(), forMs: null });
    await site.moderation.idle();
    const acts = await site.log.read(ACTS_ROOM, 0, { maxMessages: 1_000, maxBytes: Infinity });
    assert.doesNotMatch(JSON.stringify(acts.messages), /example\.com|my own words/);
  });
});

describe("somebody who is erased", () => {
  test("[MOD-22] is gone from reports and from what waits, in every process and in the log, and others' reports stay", async (t) => {
    const log = new MemoryLog();
    t.after(() => log.close());
    const [one, other] = [await Site.open(t, { log }), await Site.open(t, { log })];
    const [ada, ben, cy] = [one.person("ada"), one.person("ben"), one.person("cy")];
    await ada.told("moderation.claim", { room: "club" });
    for (const text of ["one", "two"]) await ada.publish("club", text);
    await ada.act("club", { kind: "screen", on: true });
    const report = { room: "club", reason: "abuse" };
    await ben.told("moderation.report", { ...report, offset: 1, words: "ben's words" });
    await cy.told("moderation.report", { ...report, offset: 1, words: "cy's words" });
    await cy.told("moderation.report", { ...report, offset: 2, words: "cy's alone" });
    await cy.publish("club", "cy's link https://example.com");
    assert.equal(await one.moderation.eraseWordsOf(await cy.identity()), 3);
    assert.equal(await one.moderation.eraseWordsOf(await cy.identity()), 0);
    const later = await Site.open(t, { log });
    for (const site of [one, other, later]) {
      const queue = async (): Promise<Queue> => site.person("ada").told("moderation.queue", { room: "club" });
      assert.ok(await until(async () => !JSON.stringify(await queue()).includes("cy's"), 5_000));
      const { reports, held } = await queue();
      assert.deepEqual(
        reports.map(({ offset, count, reasons, words }) => [offset, count, reasons, words]),
        [[1, 1, { abuse: 1 }, ["ben's words"]]],
      );
      assert.deepEqual(held, []);
    }
    const { messages } = await log.read(ACTS_ROOM, 0, { maxMessages: 1_000, maxBytes: Infinity });
    assert.doesNotMatch(JSON.stringify(messages), /cy's/);
  });
});

describe("the operator", () => {
  test("[MOD-17] does everything in every room by the key, bans everywhere and by range, and sees what waits; guesses are refused and soon not looked at", async (t) => {
    const site = await Site.open(t, { operatorKey: "the-operator", trustProxy: ["127.0.0.1"] });
    const [ada, cy] = [site.person("ada", "192.0.2.1"), site.person("cy", "198.51.100.9")];
    await ada.told("moderation.claim", { room: "club" });
    await cy.publish("club", "hello");
    await cy.publish("den", "hello");
    const { asOperator } = site.moderation;
    await asOperator.act("@*", randomAct(), { kind: "ban", identity: await cy.identity(), forMs: null });
    for (const room of ["club", "den", "elsewhere"]) {
      assert.match((await cy.publish(room, "x"))?.message ?? "", /banned from this server/);
      assert.equal((await cy.read(room)).error?.code, "forbidden");
    }
    await asOperator.act("@*", randomAct(), { kind: "unban", identity: await cy.identity() });
    assert.equal(await cy.publish("den", "back"), null);
    await asOperator.act("@*", randomAct(), { kind: "ban-range", range: "198.51.100.0/24", forMs: null });
    assert.match((await cy.publish("den", "x"))?.message ?? "", /network/);
    assert.equal((await ada.read("den")).error, undefined);
    assert.deepEqual(
      asOperator.sanctions().map(({ room, who }) => [room, who]),
      [["@*", "198.51.100.0/24"]],
    );
    await asOperator.act("@*", randomAct(), { kind: "unban-range", range: "198.51.100.0/24" });
    // An owner is below the operator, who takes their link back and hands out another.
    const [owners] = asOperator.links("club");
    await asOperator.act("club", randomAct(), { kind: "revoke", link: owners?.id });
    assert.equal((await ada.told<Standing>("moderation.see", { room: "club" })).right, null);
    const { link } = await asOperator.act("club", randomAct(), { kind: "link", right: "owner" });
    await cy.told("moderation.accept", { link: link?.token });
    assert.deepEqual(
      asOperator
        .rooms()
        .map(({ room, owners: who }) => [room, who])
        .find(([room]) => room === "club"),
      ["club", [await cy.identity()]],
    );
    const guess = (operator: string) => cy.ask("moderation.queue", { room: "club", operator });
    assert.equal((await guess("the-operator")).error, undefined);
    const codes = new Set<string | undefined>();
    for (let i = 0; i < 12; i += 1) codes.add((await guess(`guess-${i}`)).error?.code);
    assert.deepEqual(codes, new Set(["forbidden", "rate-limited"]));
    assert.equal((await guess("the-operator")).error?.code, "rate-limited");
    // One bound for every address of the server: the operator's page takes no more guesses from there, either.
    assert.equal(site.parlor.operator.check("the-operator", "198.51.100.9"), "too-many-guesses");
    for (let i = 0; i < 10; i += 1) site.parlor.operator.check(`guess-${i}`, "203.0.113.7");
    const elsewhere = site.person("di", "203.0.113.7");
    assert.equal(
      await elsewhere.refused("moderation.queue", { room: "club", operator: "the-operator" }),
      "rate-limited",
    );
    assert.equal(
      (await ada.ask("moderation.queue", { room: "club", operator: "the-operator" })).error,
      undefined,
    );
  });
});

describe("a process that begins later", () => {
  test("[MOD-18] has what moderators said, does what one that died left undone, and shares links and acts with others on the log", async (t) => {
    const log = new MemoryLog();
    t.after(() => log.close());
    const first = await Site.open(t, { log });
    const [ada, cy] = [first.person("ada"), first.person("cy")];
    await ada.told("moderation.claim", { room: "club" });
    await cy.publish("club", "erase me");
    const { link } = await ada.act("club", { kind: "link", right: "moderator" });
    // As one leaves it that is killed behind the record, before the room is told and anything is erased.
    const by = await ada.identity();
    const key = recordKey("club", by, "the-last-act");
    const act = { kind: "clear", identity: await cy.identity() };
    const record = { kind: "act", room: "club", key, by, id: "the-last-act", act };
    await first.close();
    const place = { room: ACTS_ROOM, from: "@server", producer: key, seq: 1, afterSeq: 0 };
    await log.append({ ...place, bodyJson: JSON.stringify(record), remember: true, admit: "any" });
    const later = await Site.open(t, { log });
    await later.moderation.idle();
    const read = (await later.person("cy").read("club")).messages ?? [];
    assert.deepEqual(
      read.map(({ from, body }) => [from === "@server", body === null]),
      [
        [false, true],
        [true, false],
      ],
    );
    // Who asked, and got no answer, asks again: it is done, and told once.
    await later.person("ada").told("moderation.act", { room: "club", id: "the-last-act", act });
    assert.equal((await later.person("cy").read("club")).messages?.length, 2);
    assert.equal(
      (await later.person("ada").told<Standing>("moderation.see", { room: "club" })).right,
      "owner",
    );
    const ben = later.person("ben");
    await ben.told("moderation.accept", { link: link?.token });
    assert.equal((await ben.told<Standing>("moderation.see", { room: "club" })).right, "moderator");
  });
});
