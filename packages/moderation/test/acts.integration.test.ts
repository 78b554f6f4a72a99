import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { MemoryLog, type RoomLog } from "@parlor/log";
import type { ActEntry, LinkShown, Standing } from "@parlor/moderation";
import { ACTS_ROOM } from "../src/act-record.ts";
import { type Person, Site } from "./support/site.ts";

/** A room of Ada's, in which Ben moderates and Cy is anybody. */
async function club(
  t: TestContext,
): Promise<{ site: Site; ada: Person; ben: Person; cy: Person; owner: LinkShown }> {
  const site = await Site.open(t, { operatorKey: "the-operator", trustProxy: ["127.0.0.1"] });
  const [ada, ben, cy] = [
    site.person("ada", "192.0.2.1"),
    site.person("ben", "192.0.2.2"),
    site.person("cy", "192.0.2.3"),
  ];
  const { link: owner } = await ada.told<{ link: LinkShown }>("moderation.claim", { room: "club" });
  const { link } = await ada.act("club", { kind: "link", right: "moderator", forMs: null, label: "Ben" });
  await ben.told("moderation.accept", { link: link?.token });
  return { site, ada, ben, cy, owner };
}

const entriesOf = async (person: Person): Promise<ActEntry["act"][]> =>
  ((await person.read("club")).messages ?? [])
    .filter(({ from }) => from === "@server")
    .map(({ body }) => (body as ActEntry).act);

describe("who makes a room", () => {
  test("[MOD-8] owns it, one of two at once; a room that others wrote in first, and one that is owned, nobody gets", async (t) => {
    const site = await Site.open(t, { operatorKey: "the-operator", canBeOwned: (room) => room !== "lobby" });
    const [ada, ben] = [site.person("ada"), site.person("ben")];
    const answers = await Promise.all([ada, ben].map((who) => who.ask("moderation.claim", { room: "club" })));
    assert.deepEqual(new Set(answers.map(({ error }) => error?.code)), new Set(["forbidden", undefined]));
    assert.equal(await ben.publish("older", "Ben was here first"), null);
    assert.equal(await ada.refused("moderation.claim", { room: "older" }), "forbidden");
    await ben.told("moderation.claim", { room: "older" });
    assert.equal(await ada.refused("moderation.claim", { room: "lobby" }), "forbidden");
    const right = async (who: Person, room: string): Promise<unknown> =>
      (await who.told<Standing>("moderation.see", { room })).right;
    assert.deepEqual(
      [await right(ben, "older"), await right(ada, "older"), await right(ada, "lobby")],
      ["owner", null, null],
    );
    // The operator gives those an owner that cannot have one otherwise.
    const params = {
      room: "lobby",
      id: "operators-1",
      operator: "the-operator",
      act: { kind: "link", right: "owner" },
    };
    const { link } = await ada.told<{ link: LinkShown }>("moderation.act", params);
    await ada.told("moderation.accept", { link: link.token });
    assert.equal(await right(ada, "lobby"), "owner");
    // Deleted and made again, the room is whose who makes it.
    await site.parlor.room("older").delete();
    await site.moderation.roomDeleted("older");
    await ada.told("moderation.claim", { room: "older" });
    assert.deepEqual([await right(ben, "older"), await right(ada, "older")], [null, "owner"]);
  });
});

describe("an act", () => {
  test("[MOD-9] is told in the room's log by the server, who did it and by which link, once however often it is asked", async (t) => {
    const { site, ben, cy, ada } = await club(t);
    await cy.publish("club", { text: "hello", name: "Cy" });
    const { messages = [] } = await cy.read("club");
    const { offset = 0 } = messages.at(-1) ?? {};
    await ben.act("club", { kind: "pin", offset }, "the-same-act");
    await ben.act("club", { kind: "pin", offset }, "the-same-act");
    await ben.act("club", { kind: "slow", ms: 2_000 });
    await ben.act("club", { kind: "slow", ms: 0 });
    await ben.act("club", { kind: "lock", on: true });
    const entries = await entriesOf(cy);
    assert.deepEqual(
      entries.map(({ kind }) => kind),
      ["pin", "slow", "slow", "lock"],
    );
    const by = await ben.identity();
    for (const entry of entries) assert.equal(entry.by, by);
    const { links } = await ben.told<{ links: LinkShown[] }>("moderation.links", { room: "club" });
    assert.equal(entries[0]?.link, links[0]?.id);
    const standing = await cy.told<Standing>("moderation.see", { room: "club" });
    assert.deepEqual([standing.pins, standing.isLocked, standing.right], [[offset], true, null]);
    assert.match(String(standing.mayPublish), /locked/);
    // A plain publish that looks like an act is what it is: somebody's message.
    await ada.publish("club", { text: "", act: { kind: "lock", on: false, by, link: null, id: "forged-1" } });
    assert.equal((await cy.told<Standing>("moderation.see", { room: "club" })).isLocked, true);
    assert.equal(
      (await site.parlor.room("club").readBefore({ limit: 1 })).messages[0]?.from,
      await ada.identity(),
    );
  });

  test("[MOD-10] mute, lock, mode, ban and slow hold for whom they are meant, in words, and end when they are lifted", async (t) => {
    const { ada, ben, cy } = await club(t);
    const who = await cy.identity();
    assert.equal(await cy.publish("club", "one"), null);
    await ben.act("club", { kind: "mute", identity: who, forMs: 60_000 });
    const muted = await cy.publish("club", "two");
    assert.equal(muted?.code, "forbidden");
    assert.match(muted.message, /muted you until \d+ \w{3} \d{4}, \d\d:\d\d UTC/);
    await ben.act("club", { kind: "unmute", identity: who });
    assert.equal(await cy.publish("club", "three"), null);

    await ada.act("club", { kind: "mode", mode: "read-only" });
    assert.equal((await cy.publish("club", "four"))?.code, "forbidden");
    assert.equal((await cy.read("club")).error, undefined);
    await ada.act("club", { kind: "mode", mode: "link-only" });
    assert.match((await cy.read("club")).error?.message ?? "", /have a link/);
    const { link } = await ben.act("club", { kind: "link", right: "reader", forMs: null });
    await cy.told("moderation.accept", { link: link?.token });
    assert.equal((await cy.read("club")).error, undefined);
    assert.equal((await cy.publish("club", "five"))?.code, "forbidden");
    await ben.act("club", { kind: "revoke", link: link?.id });
    assert.equal((await cy.read("club")).error?.code, "forbidden");
    await ada.act("club", { kind: "mode", mode: "open" });

    await ben.act("club", { kind: "slow", ms: 3_600_000 });
    assert.equal((await cy.publish("club", "six"))?.code, "rate-limited");
    assert.equal(await ben.publish("club", "moderators are not slowed down"), null);
    await ben.act("club", { kind: "slow", ms: 0 });
    assert.equal(await cy.publish("club", "seven"), null);

    await ben.act("club", { kind: "ban", identity: who, forMs: null });
    assert.match((await cy.read("club")).error?.message ?? "", /banned from this room/);
    assert.match((await cy.publish("club", "eight"))?.message ?? "", /banned from this room/);
    await ben.act("club", { kind: "unban", identity: who });
    assert.equal(await cy.publish("club", "nine"), null);
    const texts = ((await cy.read("club")).messages ?? [])
      .filter(({ from }) => from === who)
      .map(({ body }) => body);
    assert.deepEqual(texts, ["one", "three", "seven", "nine"]);
  });

  test("[MOD-11] a ban with the address holds for another key from there, not for who holds a link, and no address is in the log", async (t) => {
    const { site, ada, ben, cy } = await club(t);
    await cy.publish("club", "hello");
    await ben.act("club", { kind: "ban", identity: await cy.identity(), forMs: null, address: true });
    await cy.read("club");
    const again = site.person("cy-with-another-key", "192.0.2.3");
    assert.match((await again.publish("club", "me again"))?.message ?? "", /network that you come from/);
    assert.equal((await again.read("club")).error?.code, "forbidden");
    assert.equal((await site.person("neighbour", "192.0.2.4").read("club")).error, undefined);
    const { link } = await ada.act("club", { kind: "link", right: "poster", forMs: null });
    await again.told("moderation.accept", { link: link?.token });
    assert.equal(await again.publish("club", "let in"), null);
    await ben.act("club", { kind: "ban", identity: await again.identity(), forMs: null, address: "wide" });
    await again.read("club");
    assert.equal((await site.person("neighbour", "192.0.2.4").read("club")).error?.code, "forbidden");
    for (const { room } of await site.log.rooms("", 100)) {
      const { messages } = await site.log.read(room, 0, { maxMessages: 1_000, maxBytes: Infinity });
      assert.doesNotMatch(JSON.stringify(messages), /192\.0\.2/);
    }
  });

  test("[MOD-12] removing and clearing erase from the log, and what the server said of it stays", async (t) => {
    const { site, ben, cy, ada } = await club(t);
    for (const text of ["one", "two", "three"]) await cy.publish("club", text);
    await ada.publish("club", "mine");
    const { messages = [] } = await cy.read("club");
    await ben.act("club", { kind: "remove", offset: messages[0]?.offset });
    await ben.act("club", { kind: "clear", identity: await cy.identity() });
    await site.moderation.idle();
    const after = (await cy.read("club")).messages ?? [];
    const shown = after.map(({ body, redacted }) =>
      redacted === true ? "erased" : ((body as ActEntry).act?.kind ?? body),
    );
    assert.deepEqual(shown, ["erased", "erased", "erased", "mine", "remove", "clear"]);
    assert.equal(await ben.refusedAct("club", { kind: "remove", offset: after.at(-1)?.offset }), "forbidden");
  });

  test("[MOD-13] nobody does what their right does not say, nor to themselves, nor to who is above; a refused act leaves no trace", async (t) => {
    const { site, ada, ben, cy } = await club(t);
    const [adas, bens, cys] = [await ada.identity(), await ben.identity(), await cy.identity()];
    await cy.publish("club", "hello");
    const before = (await cy.read("club")).messages?.length;
    const acts = [
      { kind: "pin", offset: 1 },
      { kind: "mode", mode: "open" },
      { kind: "lock", on: true },
      { kind: "screen", on: true },
      { kind: "slow", ms: 5 },
      { kind: "mute", identity: bens, forMs: null },
      { kind: "ban", identity: bens, forMs: null },
      { kind: "clear", identity: bens },
      { kind: "remove", offset: 1 },
      { kind: "link", right: "reader", forMs: null },
      { kind: "revoke", link: "a".repeat(22) },
      { kind: "decide", offset: 1, verdict: "remove" },
      { kind: "drop", held: "a".repeat(22) },
      { kind: "ban-range", range: "192.0.2.0/24", forMs: null },
    ];
    for (const act of acts) assert.equal(await cy.refusedAct("club", act), "forbidden", JSON.stringify(act));
    for (const act of [
      { kind: "mode", mode: "link-only" },
      { kind: "ban", identity: adas, forMs: null },
      { kind: "mute", identity: bens, forMs: null },
      { kind: "link", right: "moderator", forMs: null },
      { kind: "link", right: "owner", forMs: null },
      { kind: "ban-range", range: "192.0.2.0/24", forMs: null },
    ]) {
      assert.equal(await ben.refusedAct("club", act), "forbidden", JSON.stringify(act));
    }
    // An owner who bans themselves is told, and stays.
    assert.equal(await ada.refusedAct("club", { kind: "ban", identity: adas, forMs: null }), "forbidden");
    const wrong = {
      room: "club",
      id: "guessed-1",
      operator: "not-the-key",
      act: { kind: "ban", identity: cys },
    };
    assert.equal(await cy.refused("moderation.act", wrong), "forbidden");
    for (const params of [
      null,
      {},
      { room: "club" },
      { ...wrong, operator: undefined, act: { kind: "nonsense" } },
    ]) {
      assert.equal(await ben.refused("moderation.act", params), "bad-frame");
    }
    assert.equal((await cy.read("club")).messages?.length, before);
    await site.moderation.idle();
  });
});

describe("a link", () => {
  test("[MOD-14] a process that has not heard of it yet looks before it says that it was taken back", async (t) => {
    const log = new MemoryLog();
    t.after(() => log.close());
    const [one, late] = [await Site.open(t, { log }), await Site.open(t, { log: deafToActs(log) })];
    const [ada, ben] = [one.person("ada"), late.person("ben")];
    const { link: owner } = await ada.told<{ link: { token: string } }>("moderation.claim", { room: "club" });
    const look = { link: owner.token };
    assert.equal((await ben.told<{ right: string }>("moderation.look", look)).right, "owner");
    const { link } = await ada.act("club", { kind: "link", right: "moderator", forMs: null });
    const { right } = await ben.told<Standing>("moderation.accept", { link: link?.token });
    assert.equal(right, "moderator");
    const { link: another } = await ada.act("club", { kind: "link", right: "moderator", forMs: null });
    await one.person("cy").told("moderation.accept", { link: another?.token });
    await late.person("cy").act("club", { kind: "lock", on: true });
  });

  test("[MOD-14] shows what it allows; forged, expired and revoked it is refused in words; revoked, all handed out from it ends", async (t) => {
    const { ada, ben, cy, owner } = await club(t);
    const look = await cy.told<{ right: string; allows: string[] }>("moderation.look", { link: owner.token });
    assert.deepEqual([look.right, look.allows.length], ["owner", 4]);
    // Another letter than it is, wherever it stands.
    const forged = owner.token.replace(/.(?=.{9}$)/, (letter) => (letter === "A" ? "B" : "A"));
    assert.equal(await cy.refused("moderation.accept", { link: forged }), "forbidden");
    assert.equal(await cy.refused("moderation.look", { link: "nonsense" }), "forbidden");
    const { link: short } = await ada.act("club", { kind: "link", right: "poster", forMs: 1 });
    while ((await cy.ask("moderation.look", { link: short?.token })).error?.code !== "expired");
    assert.equal(await cy.refused("moderation.accept", { link: short?.token }), "expired");
    const { link: child } = await ben.act("club", { kind: "link", right: "poster", forMs: null });
    await cy.told("moderation.accept", { link: child?.token });
    const posters = await cy.told<{ allows: string[] }>("moderation.look", { link: child?.token });
    assert.match(posters.allows[0] ?? "", /^Write .* hand out links to readers\.$/);
    const { link: below } = await cy.act("club", { kind: "link", right: "reader", forMs: null });
    assert.notEqual(below, undefined, "and so it does");
    const { links } = await ada.told<{ links: LinkShown[] }>("moderation.links", { room: "club" });
    const bens = links.find(({ right }) => right === "moderator");
    assert.deepEqual([bens?.holders, bens?.label, bens?.revoked], [1, "Ben", false]);
    await ada.act("club", { kind: "revoke", link: bens?.id });
    const right = async (who: Person): Promise<unknown> =>
      (await who.told<Standing>("moderation.see", { room: "club" })).right;
    assert.deepEqual([await right(ben), await right(cy), await right(ada)], [null, null, "owner"]);
    assert.equal(await ben.refused("moderation.accept", { link: bens?.token }), "forbidden");
    assert.equal(await ben.refusedAct("club", { kind: "lock", on: true }), "forbidden");
  });
});

/** The log as a process has it that is told late of what another one did about moderation. */
function deafToActs(log: MemoryLog): RoomLog {
  return new Proxy<RoomLog>(log, {
    get(target, name) {
      if (name === "tail") {
        const tail: RoomLog["tail"] = (room, told) =>
          target.tail(room, room === ACTS_ROOM ? () => undefined : told);
        return tail;
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}
