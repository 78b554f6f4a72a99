import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ActRecord } from "./act-record.ts";
import { foldRecord, newState, type ModerationState } from "./fold.ts";
import { rankOf } from "./rights.ts";
import { holds, isOwned, rankIn, type RoomPolicy } from "./room-policy.ts";
import type { Act, Right } from "./shapes.ts";

const ROOM = "r";
const PEOPLE = ["ada", "ben", "cy", "di"];

/** Whatever anybody may try: some of it allowed, most not, with keys that come again. */
const person = fc.constantFrom(...PEOPLE);
const key = fc.integer({ min: 0, max: 25 }).map((n) => `k${n}`);
const forMs = fc.option(fc.integer({ min: 1, max: 40 }));
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ kind: fc.constantFrom("pin", "unpin"), offset: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant("mode"), mode: fc.constantFrom("open", "read-only", "link-only") }),
  fc.record({ kind: fc.constant("lock"), on: fc.boolean() }),
  fc.record({ kind: fc.constant("mute"), identity: person, forMs }),
  fc.record({ kind: fc.constant("ban"), identity: person, forMs, address: fc.boolean() }),
  fc.record({ kind: fc.constantFrom("unmute", "unban", "clear"), identity: person }),
  fc.record({
    kind: fc.constant("link"),
    right: fc.constantFrom("owner", "moderator", "poster", "reader"),
    forMs,
    label: fc.constant(""),
  }),
  fc.record({ kind: fc.constant("revoke"), link: key }),
) as fc.Arbitrary<Act>;
const record: fc.Arbitrary<ActRecord> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("act"),
      room: fc.constant(ROOM),
      key,
      by: person,
      act,
      id: key,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("accept"),
      room: fc.constant(ROOM),
      key,
      by: person,
      link: key,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("claim"), room: fc.constant(ROOM), key, by: person }),
  },
) as fc.Arbitrary<ActRecord>;
const history = fc.array(fc.record({ record, afterMs: fc.integer({ min: 0, max: 10 }) }), {
  maxLength: 120,
  size: "max",
});

/** The same in which rooms are deleted, too. */
const gone = fc.constant<ActRecord>({ kind: "gone", room: ROOM });
const historyWithEnds = fc.array(
  fc.record({
    record: fc.oneof({ weight: 9, arbitrary: record }, { weight: 1, arbitrary: gone }),
    afterMs: fc.integer({ min: 0, max: 10 }),
  }),
  { maxLength: 120, size: "max" },
);

/** Everything that a state says, as text. */
function textOf(state: ModerationState): string {
  return JSON.stringify(state, (_key, value: unknown) => {
    if (value instanceof Map) return [...value];
    return value instanceof Set ? [...value] : value;
  });
}

function begun(): ModerationState {
  const state = newState();
  foldRecord(state, { offset: 1, at: 0, record: { kind: "claim", room: ROOM, key: "k0", by: "ada" } });
  return state;
}

const policyOf = (state: ModerationState): RoomPolicy => state.rooms.get(ROOM) as RoomPolicy;

test("[MOD-1] whoever folds the same log has the same, and a record told twice, or a batch read again, changes nothing", () => {
  fc.assert(
    fc.property(historyWithEnds, fc.array(fc.nat(), { maxLength: 120 }), (steps, again) => {
      const once = begun();
      const twice = begun();
      let at = 0;
      const placed = steps.map(({ record: each, afterMs }, i) => ({
        offset: i + 2,
        at: (at += afterMs),
        record: each,
      }));
      for (const [i, each] of placed.entries()) {
        const verdict = foldRecord(once, each);
        assert.deepEqual(foldRecord(twice, each), verdict);
        // A tail that reads on from an older place tells what was told.
        const from = again[i];
        if (from !== undefined) for (const old of placed.slice(from % (i + 1), i + 1)) foldRecord(twice, old);
      }
      assert.equal(textOf(twice), textOf(once));
    }),
  );
});

test("[MOD-2] what anybody does is within what they hold at its place: nobody gives, lifts or touches what is not below them", () => {
  fc.assert(
    fc.property(history, (steps) => {
      const state = begun();
      const policy = policyOf(state);
      let at = 0;
      for (const [i, { record: each, afterMs }] of steps.entries()) {
        at += afterMs;
        const before = new Map(PEOPLE.map((who) => [who, rankIn(policy, who, at)]));
        const seen = "key" in each && policy.judged.has(each.key);
        const was = textOf({ ...state, version: 0 });
        const verdict = foldRecord(state, { offset: i + 2, at, record: each });
        if (seen) {
          assert.equal(textOf({ ...state, version: 0 }), was, "a replayed record did something");
          continue;
        }
        if (each.kind === "claim") assert.equal(verdict.ok, false, "a room got a second owner");
        if (each.kind !== "act" || !verdict.ok) continue;
        const rank = before.get(each.by) ?? 0;
        const { act: done } = each;
        if (done.kind === "link") assert.ok(rankOf(done.right) < rank);
        else if (done.kind === "mode") assert.equal(rank, 4);
        else if (done.kind !== "revoke") assert.ok(rank >= 3);
        if ("identity" in done) assert.notEqual(done.identity, each.by);
        if (done.kind === "mute" || done.kind === "ban" || done.kind === "clear") {
          const theirs = before.get(done.identity) ?? 0;
          assert.ok(theirs < 3 || theirs < rank);
        }
      }
    }),
  );
});

test("[MOD-3] whatever moderators do, a room keeps its owner, who is neither banned nor muted", () => {
  fc.assert(
    fc.property(history, (steps) => {
      const state = begun();
      let at = 0;
      for (const [i, { record: each, afterMs }] of steps.entries()) {
        foldRecord(state, { offset: i + 2, at: (at += afterMs), record: each });
        const policy = policyOf(state);
        assert.ok(isOwned(policy));
        assert.equal(rankIn(policy, "ada", at), 4);
        assert.equal(holds(policy.bans.get("ada"), at) || holds(policy.mutes.get("ada"), at), false);
      }
    }),
  );
});

test("[MOD-4] with a link goes all that was handed out from it, and nothing outlives what it came from", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({ from: fc.nat(), right: fc.constantFrom("moderator", "poster", "reader"), forMs }),
        {
          minLength: 1,
          maxLength: 20,
        },
      ),
      fc.nat(),
      (links, gone) => {
        const state = begun();
        const policy = policyOf(state);
        const made: { who: string; key: string; parents: string[] }[] = [
          { who: "ada", key: "k0", parents: [] },
        ];
        let offset = 2;
        const put = (each: ActRecord): boolean =>
          foldRecord(state, { offset: offset++, at: 1, record: each }).ok;
        for (const [i, { from, right, forMs: span }] of links.entries()) {
          const giver = made[from % made.length] as (typeof made)[number];
          const id = `l${i}`;
          const handed = { kind: "link", right: right as Right, forMs: span, label: "" } as const;
          const ok = put({ kind: "act", room: ROOM, key: id, by: giver.who, act: handed, id });
          if (!ok) continue;
          const who = `who${i}`;
          assert.ok(put({ kind: "accept", room: ROOM, key: `a${i}`, by: who, link: id }));
          const end = policy.links.get(id)?.expiresAt ?? Infinity;
          assert.ok(end <= (policy.links.get(giver.key)?.expiresAt ?? Infinity));
          made.push({ who, key: id, parents: [...giver.parents, giver.key] });
        }
        const victim = made[1 + (gone % Math.max(1, made.length - 1))];
        if (victim === undefined) return;
        put({
          kind: "act",
          room: ROOM,
          key: "rv",
          by: "ada",
          act: { kind: "revoke", link: victim.key },
          id: "rv",
        });
        for (const { who, key: id, parents } of made) {
          const isGone = id === victim.key || parents.includes(victim.key);
          if (isGone) assert.equal(rankIn(policy, who, 1), 0);
          else assert.ok(rankIn(policy, who, 1) > 0);
        }
      },
    ),
  );
});

test("[MOD-5] of two who claim one room at once the first in the log owns it; a ban and a mute at once both hold", () => {
  const state = newState();
  const put = (offset: number, each: ActRecord) => foldRecord(state, { offset, at: offset, record: each });
  assert.equal(put(1, { kind: "claim", room: ROOM, key: "a", by: "ada" }).ok, true);
  const second = put(2, { kind: "claim", room: ROOM, key: "b", by: "ben" });
  assert.deepEqual(second, { ok: false, code: "forbidden", message: "This room has an owner already." });
  const handed = { kind: "link", right: "moderator", forMs: null, label: "" } as const;
  put(3, { kind: "act", room: ROOM, key: "m", by: "ada", act: handed, id: "m" });
  put(4, { kind: "accept", room: ROOM, key: "c", by: "cy", link: "m" });
  const mute = { kind: "mute", identity: "di", forMs: null } as const;
  const ban = { kind: "ban", identity: "di", forMs: 10, address: false } as const;
  assert.equal(put(5, { kind: "act", room: ROOM, key: "x", by: "cy", act: mute, id: "x" }).ok, true);
  assert.equal(put(6, { kind: "act", room: ROOM, key: "y", by: "ada", act: ban, id: "y" }).ok, true);
  const policy = policyOf(state);
  assert.equal(holds(policy.mutes.get("di"), 10) && holds(policy.bans.get("di"), 10), true);
  // Whoever is below does not lift what somebody above said.
  const unban = { kind: "unban", identity: "di" } as const;
  assert.equal(put(7, { kind: "act", room: ROOM, key: "z", by: "cy", act: unban, id: "z" }).ok, false);
  // The room is deleted: whoever makes it again owns it.
  put(8, { kind: "gone", room: ROOM });
  assert.equal(put(9, { kind: "claim", room: ROOM, key: "b2", by: "ben" }).ok, true);
});
