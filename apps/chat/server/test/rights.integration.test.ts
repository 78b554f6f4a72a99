import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { ParlorClient } from "@parlor/client";
import type { Standing } from "@parlor/moderation";
import { until } from "@parlor/testkit";
import { ANONYMOUS_READS, ANONYMOUS_WRITES, type Attempt, READS, REQUESTS, WRITES } from "./attempts.ts";
import { everyAct } from "./every-address.ts";
import { OWNER, Owner, putFile } from "./room-owner.ts";
import { isFound } from "./search-attempts.ts";
import { ParlorProcess, temporaryFolder } from "./parlor-process.ts";
import { allGone, familyOf } from "./worker-processes.ts";

const ARGS = ["--port", "0", "--publish-per-second", "Infinity", "--connections-per-address", "Infinity"];
const STRANGER = "key-of-a-stranger-to-it-all";
const OPERATOR = "the-operator-of-this-server";

let intents = 0;

describe("on every address of the server", () => {
  test("[MOD-19] what a room's acts forbid is refused, and nothing else: reads, writes, acts, with a key and without", async () => {
    using data = temporaryFolder();
    await using server = new ParlorProcess({
      args: [...ARGS, "--data", data.path, "--operator-key", OPERATOR],
    });
    const url = await server.url;
    using owner = new Owner(url);
    const identity = createHash("sha256").update(STRANGER).digest("base64url").slice(0, 22);
    for (const room of ["open", "locked", "read-only", "link-only", "muted", "banned"]) {
      await owner.make(room);
      await putFile({ url, room, key: OWNER });
      const found = (): Promise<boolean> => isFound({ url, room, key: OWNER });
      assert.equal(await until(found, 20_000), true);
    }
    await owner.act("locked", { kind: "lock", on: true });
    await owner.act("read-only", { kind: "mode", mode: "read-only" });
    await owner.act("link-only", { kind: "mode", mode: "link-only" });
    await owner.act("muted", { kind: "mute", identity, forMs: null });
    await owner.act("banned", { kind: "ban", identity, forMs: null });

    /** By room: what a stranger reads and writes there, and what one without a key does. */
    const table = {
      open: ["done", "done", "done", "done"],
      locked: ["done", "forbidden", "done", "forbidden"],
      "read-only": ["done", "forbidden", "done", "forbidden"],
      "link-only": ["forbidden", "forbidden", "forbidden", "forbidden"],
      muted: ["done", "forbidden", "done", "done"],
      banned: ["forbidden", "forbidden", "done", "done"],
    } as const;
    const kinds = [READS, WRITES, ANONYMOUS_READS, ANONYMOUS_WRITES];
    for (const [room, expected] of Object.entries(table)) {
      // Who owns the room is not held up by what it says to others.
      const owners = { url, room, key: OWNER };
      await Promise.all([
        ...kinds.map((kind, i) => allAnswer(kind, { url, room, key: STRANGER }, expected[i] ?? "")),
        allAnswer(READS, owners, "done").then(() => allAnswer(WRITES, owners, "done")),
      ]);
    }

    const acts = everyAct(identity);
    const stranger = (): string => `key-of-stranger-number-${(intents += 1)}`;
    for (const [road, ask] of Object.entries(REQUESTS)) {
      // No more than one address may ask for at once.
      const rooms = road === "send" ? ["open", "@*"] : ["open", "link-only", "lobby", "@*"];
      const asked = rooms.flatMap((room) => acts.map((act) => ({ room, act })));
      await Promise.all(
        asked.map(async ({ room, act }) => {
          const params = { room, id: stranger().slice(-32), act };
          const outcome = await ask({ url, room, key: stranger() }, "moderation.act", params);
          assert.equal(outcome, "forbidden", `${JSON.stringify(act)} in ${room} by ${road}`);
        }),
      );
      for (const method of ["moderation.queue", "moderation.people", "moderation.claim"]) {
        const outcome = await ask({ url, room: "open", key: stranger() }, method, { room: "open" });
        assert.equal(outcome, "forbidden", `${method} by ${road}`);
      }
      for (const room of ["lobby", "arena", "arena/input", "ticker/prices"]) {
        const outcome = await ask({ url, room, key: stranger() }, "moderation.claim", { room });
        assert.equal(outcome, "forbidden", `the room ${room} got an owner`);
      }
    }
    // The same by who may: what was tried above can be done.
    for (const act of acts.slice(0, 8)) await owner.act("open", act);
    await owner.act("muted", { kind: "unmute", identity });
    await owner.act("banned", { kind: "unban", identity });
    assert.equal(await WRITES["REST publish"]?.({ url, room: "muted", key: STRANGER }), "done");
    assert.equal(await READS["REST history"]?.({ url, room: "banned", key: STRANGER }), "done");

    // The network that all of this comes from is banned: who has no right is in no room any more, whatever the key.
    const params = { room: "@*", id: "the-network", operator: OPERATOR };
    const act = { kind: "ban-range", range: "127.0.0.1/32", forMs: null };
    await owner.client.request("moderation.act", { ...params, act });
    await Promise.all([
      ...kinds.map((kind) => allAnswer(kind, { url, room: "read-only", key: stranger() }, "forbidden")),
      allAnswer(READS, { url, room: "read-only", key: OWNER }, "done"),
    ]);
  });

  test("[MOD-20] acts hold through a SIGKILL and in every worker; a page that slept, and one that was there, have the same", async () => {
    using data = temporaryFolder();
    await using server = new ParlorProcess({ args: [...ARGS, "--data", data.path, "--workers", "2"] });
    const url = await server.url;
    using owner = new Owner(url);
    using there = new Reader(url, "key-of-one-who-is-there-all-along");
    await owner.make("club");
    await owner.client.room("club").publish({ text: "hello", name: "Owner" });
    const { link } = await owner.act("club", { kind: "link", right: "moderator", forMs: null });
    await owner.act("club", { kind: "lock", on: true });
    const { owner: log, workers } = await familyOf(server);
    for (const pid of [log, ...workers]) process.kill(pid, "SIGKILL");
    await allGone([log, ...workers]);
    // The supervisor starts them again; each connection then goes to the next worker.
    const ben = { url, room: "club", key: "key-of-ben-who-moderates-it" };
    const isUp = async (): Promise<boolean> => (await fetch(`${url}readyz`).catch(() => null))?.ok === true;
    assert.equal(await until(isUp, 60_000), true);
    using bens = new Reader(url, ben.key);
    const standing = await bens.client.request<Standing>("moderation.accept", { link: link?.token });
    assert.deepEqual([standing.right, standing.isLocked], ["moderator", true]);
    const visitors = Array.from({ length: 4 }, (_, i) => ({
      url,
      room: "club",
      key: `key-of-a-visitor-number-${i}`,
    }));
    const tried = async (): Promise<Set<unknown>> => {
      const outcomes = new Set<unknown>();
      for (const name of ["REST publish", "publish by WebSocket", "publish by send"]) {
        for (const visitor of visitors) outcomes.add(await WRITES[name]?.(visitor));
      }
      return outcomes;
    };
    assert.deepEqual(await tried(), new Set(["forbidden"]));
    const unlock = { room: "club", id: "unlocked-by-ben", act: { kind: "lock", on: false } };
    assert.equal(await REQUESTS["WebSocket"]?.(ben, "moderation.act", unlock), "done");
    // Another worker may hear of it a moment later.
    assert.equal(await until(async () => (await tried()).size === 1, 10_000), true);
    using late = new Reader(url, "key-of-one-who-comes-at-the-end");
    const { head } = (await (await fetch(`${url}rooms/club/messages`)).json()) as { head: number };
    await there.has(head);
    await late.has(head);
    assert.deepEqual(there.seen, late.seen);
    assert.deepEqual(
      there.seen.flatMap(([, from, kind]) => (from === "@server" ? [kind] : [])),
      ["lock", "lock"],
    );
  });
});

async function allAnswer(
  attempts: Readonly<Record<string, (who: Attempt) => Promise<string>>>,
  who: Attempt,
  expected: string,
): Promise<void> {
  const whose = who.key === OWNER ? "the owner" : "a stranger";
  await Promise.all(
    Object.entries(attempts).map(async ([name, attempt]) => {
      assert.equal(await attempt(who), expected, `${whose}: ${name} in ${who.room}`);
    }),
  );
}

/** A page that reads the club. */
class Reader implements Disposable {
  readonly client: ParlorClient;
  readonly seen: [offset: number, from: string, kind: unknown][] = [];

  constructor(url: string, key: string) {
    this.client = new ParlorClient(url, { key });
    const room = this.client.room("club");
    room.on("messages", (messages) => {
      for (const { offset, from, body } of messages) {
        this.seen.push([offset, from, (body as { act?: { kind: string } }).act?.kind]);
      }
    });
    room.subscribe({ last: 500 });
  }

  [Symbol.dispose](): void {
    this.client.close();
  }

  async has(offset: number): Promise<void> {
    assert.equal(await until(() => this.seen.at(-1)?.[0] === offset, 20_000), true);
  }
}
