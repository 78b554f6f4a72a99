import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { MemoryBus } from "@parlor/log";
import type { PresenceFrame } from "@parlor/protocol";
import { FakeClock } from "@parlor/testkit";
import fc from "fast-check";
import { Counters } from "./counters.ts";
import type { PresenceLease } from "./presence-leases.ts";
import { PresenceReader, type PresenceRoom, type PresenceSink } from "./presence-room.ts";
import { MAX_ROOM_IDENTITIES, PresenceRooms } from "./presence-rooms.ts";

/** A client: what it has been told, and the version that it names when it comes back. */
class Client implements PresenceSink {
  isWritable = true;
  readonly group = "127.0.0.1";
  readonly members = new Map<string, unknown>();
  version: number | null = null;
  #reader: PresenceReader | null = null;
  #room: PresenceRoom | null = null;

  sendPresence({ texts }: { readonly texts: readonly string[] }): void {
    for (const text of texts) {
      const { version, full, count, joined = [], left = [] } = JSON.parse(text) as PresenceFrame;
      if (full === true) this.members.clear();
      for (const { identity, profile } of joined) this.members.set(identity, profile);
      // Who came and went in between is named, too.
      for (const identity of left) this.members.delete(identity);
      assert.equal(this.members.size, count);
      this.version = version;
    }
  }

  enter(rooms: PresenceRooms): void {
    this.leave(rooms);
    this.#room = rooms.acquire("lobby");
    this.#reader = new PresenceReader(this.#room, this, this.version);
    this.#room.join(this.#reader);
  }

  leave(rooms: PresenceRooms): void {
    if (this.#reader !== null) this.#room?.leave(this.#reader);
    if (this.#room !== null) rooms.release(this.#room);
    this.#reader = this.#room = null;
  }

  take(): void {
    this.isWritable = true;
    this.#reader?.pump();
  }
}

type Act =
  | { readonly kind: "come"; readonly who: number; readonly profile: number; readonly node: number }
  | { readonly kind: "go"; readonly which: number }
  | { readonly kind: "stall" | "take" | "away"; readonly client: number }
  | { readonly kind: "back"; readonly client: number; readonly node: number }
  | { readonly kind: "pass"; readonly ms: number };

const client = fc.nat(1);
const node = fc.nat(1);
const acts = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("come" as const),
        who: fc.nat(3),
        profile: fc.nat(2),
        node,
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("go" as const), which: fc.nat(9) }) },
    fc.record({
      kind: fc.constantFrom("stall" as const, "take" as const, "away" as const),
      client,
    }),
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("back" as const), client, node }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.nat(6_000) }) },
  ),
  { maxLength: 50 },
) as fc.Arbitrary<Act[]>;

function open(clock: FakeClock, bus: MemoryBus, name: string): PresenceRooms {
  return new PresenceRooms({ bus, clock, counters: new Counters(), node: name });
}

describe("what readers of presence are told, whatever comes between", () => {
  test("[PRESENCE-2] [PRESENCE-8] [PRESENCE-11] a full list and what changed since are who is there, for who is slow, away, or comes back to another process", async () => {
    const play = async (all: readonly Act[]): Promise<void> => {
      const clock = new FakeClock();
      const bus = new MemoryBus();
      const nodes = [open(clock, bus, "one"), open(clock, bus, "other")] as const;
      const clients = [new Client(), new Client()] as const;
      const homes = new Map<Client, PresenceRooms>();
      const leases: { readonly rooms: PresenceRooms; readonly lease: PresenceLease }[] = [];
      await nextTurn();
      const turn = async (ms: number): Promise<void> => {
        clock.advance(ms);
        await nextTurn();
      };
      for (const act of all) {
        const reader = "client" in act ? clients[act.client === 0 ? 0 : 1] : clients[0];
        const rooms = "node" in act ? nodes[act.node === 0 ? 0 : 1] : (homes.get(reader) ?? nodes[0]);
        if (act.kind === "come") {
          const profileJson = act.profile === 0 ? null : String(act.profile);
          const self = { identity: `who-${act.who}`, profileJson, at: clock.now() };
          leases.push({ rooms, lease: rooms.join("lobby", self) });
        } else if (act.kind === "go") {
          const [gone] = leases.splice(act.which % Math.max(1, leases.length), 1);
          gone?.rooms.leave(gone.lease);
        } else if (act.kind === "pass") await turn(act.ms);
        else if (act.kind === "stall") reader.isWritable = false;
        else if (act.kind === "take") reader.take();
        else {
          const home = homes.get(reader);
          if (home !== undefined) reader.leave(home);
          homes.delete(reader);
          if (act.kind === "back") {
            reader.isWritable = true;
            reader.enter(rooms);
            homes.set(reader, rooms);
          }
        }
      }
      for (const reader of clients) {
        if (!homes.has(reader)) {
          reader.enter(nodes[1]);
          homes.set(reader, nodes[1]);
        }
        reader.take();
      }
      for (let step = 0; step < 30; step++) await turn(500);
      const truth = new Set(leases.map(({ lease }) => lease.identity));
      for (const reader of clients) assert.deepEqual(new Set(reader.members.keys()), truth);
      assert.deepEqual(clients[0].members, clients[1].members);
      assert.equal(clients[0].version, clients[1].version);
      for (const rooms of nodes) rooms.close();
    };
    await fc.assert(fc.asyncProperty(acts, play), { numRuns: 150 });
    // One that reads nothing while somebody comes and goes.
    await play([
      { kind: "back", client: 0, node: 0 },
      { kind: "pass", ms: 50 },
      { kind: "stall", client: 0 },
      { kind: "come", who: 0, profile: 0, node: 0 },
      { kind: "pass", ms: 100 },
      { kind: "go", which: 0 },
      { kind: "pass", ms: 6_000 },
      { kind: "pass", ms: 100 },
      { kind: "take", client: 0 },
    ]);
    // One that takes its first list between a change and the version that holds it.
    await play([
      { kind: "back", client: 0, node: 1 },
      { kind: "pass", ms: 0 },
      { kind: "pass", ms: 50 },
      { kind: "come", who: 0, profile: 0, node: 0 },
      { kind: "pass", ms: 0 },
      { kind: "come", who: 1, profile: 0, node: 0 },
    ]);
  });

  test("[PRESENCE-16] more identities than a room may show are refused in words, and a place that becomes free is taken", async () => {
    const clock = new FakeClock();
    const rooms = open(clock, new MemoryBus(), "one");
    const leases = Array.from({ length: MAX_ROOM_IDENTITIES }, (_, i) =>
      rooms.join("lobby", { identity: `who-${i}`, profileJson: null, at: 0 }),
    );
    const self = { identity: "one-more", profileJson: null, at: 0 };
    assert.throws(() => rooms.join("lobby", self), { code: "unavailable" });
    rooms.join("another room", self);
    const [first] = leases;
    assert.ok(first !== undefined);
    rooms.leave(first);
    await nextTurn();
    clock.advance(5_100);
    rooms.join("lobby", self);
    rooms.close();
    assert.equal(clock.pendingCount, 0);
  });
});
