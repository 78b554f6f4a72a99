import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { PresenceLease } from "./presence-leases.ts";
import { PresenceNode } from "./presence-node.ts";

const NODES = 3;
const IDENTITIES = ["ada", "bob", "cy"] as const;
const ROOMS = ["lobby", "side"] as const;
const LINGER_MS = 5_000;

type Act =
  | {
      readonly kind: "join";
      readonly node: number;
      readonly who: number;
      readonly room: number;
      readonly tab: number;
    }
  | { readonly kind: "leave"; readonly node: number; readonly which: number }
  | { readonly kind: "kill" | "stop"; readonly node: number }
  | { readonly kind: "lose" | "deliver"; readonly to: number; readonly from: number; readonly count: number }
  | { readonly kind: "pass"; readonly ms: number };

const node = fc.nat(NODES - 1);
const acts = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant("join" as const),
        node,
        who: fc.nat(IDENTITIES.length - 1),
        room: fc.nat(ROOMS.length - 1),
        tab: fc.nat(3),
      }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("leave" as const), node, which: fc.nat(20) }) },
    fc.record({ kind: fc.constantFrom("kill" as const, "stop" as const), node }),
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constantFrom("lose" as const, "lose" as const, "deliver" as const),
        to: node,
        from: node,
        count: fc.integer({ min: 1, max: 5 }),
      }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.nat(4_000) }) },
  ),
  { maxLength: 80 },
) as fc.Arbitrary<Act[]>;

/** One joins somewhere else, and again here before that word came: what is shown here is not told once more. */
const JOINED_TWICE: Act[] = [
  { kind: "pass", ms: 3_083 },
  { kind: "join", node: 0, who: 1, room: 1, tab: 2 },
  { kind: "join", node: 1, who: 1, room: 1, tab: 1 },
  { kind: "pass", ms: 2_676 },
  { kind: "pass", ms: 2_241 },
];

/** Who lingers at one process is connected to another, which stops: the one in its place is told by the first alone. */
const STOPPED_WHILE_LINGERING: Act[] = [
  { kind: "join", node: 2, who: 0, room: 1, tab: 0 },
  { kind: "leave", node: 2, which: 0 },
  { kind: "join", node: 1, who: 0, room: 1, tab: 0 },
  { kind: "pass", ms: 1_909 },
  { kind: "stop", node: 1 },
  { kind: "pass", ms: 3_091 },
];

/** Processes, and what is on the way from each to each. Words of one to another keep their order, or are lost. */
class World {
  nowMs = 0;
  #ids = 0;
  readonly ways = new Map<string, string[]>();
  readonly nodes: PresenceNode[] = [];
  readonly leases: Set<PresenceLease>[] = [];
  /** When an identity was last in a room by somebody. */
  readonly lastThereMs = new Map<string, number>();
  readonly leftTooSoon: string[] = [];
  isFaultless = true;

  constructor() {
    for (let index = 0; index < NODES; index++) this.start(index);
  }

  start(index: number): void {
    this.#ids += 1;
    const made = new PresenceNode({
      id: `node-${this.#ids}`,
      send: (text) => {
        for (let to = 0; to < NODES; to++) if (to !== index) this.way(index, to).push(text);
      },
      onChange: (room, identity) => {
        if (made.shown(room).has(identity)) return;
        const lastMs = this.#lastMs(room, identity);
        if (this.nowMs - lastMs < LINGER_MS) this.leftTooSoon.push(`${identity} in ${room} at ${this.nowMs}`);
      },
      onKnown: () => undefined,
    });
    this.nodes[index] = made;
    this.leases[index] = new Set();
    made.greet();
    for (const room of ROOMS) made.acquire(room);
  }

  way(from: number, to: number): string[] {
    const key = `${from}>${to}`;
    let way = this.ways.get(key);
    if (way === undefined) this.ways.set(key, (way = []));
    return way;
  }

  play(act: Act): void {
    switch (act.kind) {
      case "join": {
        const lease: PresenceLease = {
          room: ROOMS[act.room] ?? "",
          identity: IDENTITIES[act.who] ?? "",
          profileJson: act.tab === 0 ? null : JSON.stringify({ tab: act.tab }),
          at: this.nowMs,
        };
        this.leases[act.node]?.add(lease);
        this.nodes[act.node]?.join(lease);
        return;
      }
      case "leave": {
        const all = [...(this.leases[act.node] ?? [])];
        const lease = all[act.which % Math.max(1, all.length)];
        if (lease === undefined) return;
        this.#end(act.node, lease);
        return this.nodes[act.node]?.leave(lease, this.nowMs);
      }
      case "stop":
        this.nodes[act.node]?.bye();
        return this.#die(act.node);
      case "kill":
        this.isFaultless = false;
        return this.#die(act.node);
      case "lose":
        if (act.from !== act.to && this.way(act.from, act.to).splice(0, act.count).length > 0)
          this.isFaultless = false;
        return;
      case "deliver":
        return this.deliver(act.from, act.to, act.count);
      case "pass":
        return this.pass(act.ms);
    }
  }

  deliver(from: number, to: number, count = Infinity): void {
    if (from === to) return;
    for (const text of this.way(from, to).splice(0, count)) this.nodes[to]?.take(text, this.nowMs);
  }

  deliverAll(): void {
    while ([...this.ways.values()].some((way) => way.length > 0)) {
      for (let from = 0; from < NODES; from++) for (let to = 0; to < NODES; to++) this.deliver(from, to);
    }
  }

  pass(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      const next = Math.min(...this.nodes.map((each) => each.nextMs() ?? Infinity));
      if (next > endMs) break;
      this.nowMs = Math.max(this.nowMs, next);
      for (const each of this.nodes) if ((each.nextMs() ?? Infinity) <= this.nowMs) each.tick(this.nowMs);
    }
    this.nowMs = endMs;
  }

  /** Whom somebody is connected as, with the profile: the newest that tells one. */
  truth(room: string): Map<string, string | null> {
    const shown = new Map<string, { profileJson: string | null; at: number }>();
    for (const lease of this.leases.flatMap((leases) => [...leases])) {
      if (lease.room !== room) continue;
      const before = shown.get(lease.identity);
      const isBetter =
        before === undefined ||
        (before.profileJson === null && lease.profileJson !== null) ||
        ((before.profileJson === null) === (lease.profileJson === null) && lease.at > before.at);
      if (isBetter) shown.set(lease.identity, lease);
    }
    return new Map(Array.from(shown, ([identity, { profileJson }]) => [identity, profileJson]));
  }

  #die(index: number): void {
    for (const lease of this.leases[index] ?? []) this.#end(index, lease);
    this.start(index);
  }

  #end(index: number, lease: PresenceLease): void {
    this.leases[index]?.delete(lease);
    this.lastThereMs.set(`${lease.room}/${lease.identity}`, this.nowMs);
  }

  #lastMs(room: string, identity: string): number {
    const isThere = this.leases.some((leases) =>
      [...leases].some((lease) => lease.room === room && lease.identity === identity),
    );
    return isThere ? this.nowMs : (this.lastThereMs.get(`${room}/${identity}`) ?? -Infinity);
  }
}

describe("presence between processes, whatever comes between", () => {
  test("[PRESENCE-1] [PRESENCE-6] all agree on who is connected, one entry an identity, once words arrive again", () => {
    fc.assert(
      fc.property(acts, (all) => {
        const world = new World();
        // They know each other, and each has somebody: what is lost afterwards is a hole, and no first word.
        for (let at = 0; at < NODES; at++) world.play({ kind: "join", node: at, who: at, room: 1, tab: 1 });
        world.deliverAll();
        for (const act of all) {
          world.play(act);
          for (const [index, leases] of world.leases.entries()) {
            for (const { room, identity } of leases) {
              assert.ok(world.nodes[index]?.shown(room).has(identity), "its own are always there");
            }
          }
        }
        for (let step = 0; step < 40; step++) {
          world.deliverAll();
          world.pass(500);
        }
        for (const room of ROOMS) {
          const truth = world.truth(room);
          for (const each of world.nodes) {
            const shown = each.shown(room);
            assert.deepEqual(new Set(shown.keys()), new Set(truth.keys()));
            assert.ok(each.isKnown(room));
          }
          const [first, ...others] = world.nodes.map((each) => new Map(each.shown(room)));
          for (const other of others) assert.deepEqual(other, first, "the same profiles everywhere");
        }
      }),
      { numRuns: 500, examples: [[JOINED_TWICE]] },
    );
  });

  test("[PRESENCE-5] nobody is seen to leave before 5 s without a connection, where words arrive at once", () => {
    fc.assert(
      fc.property(acts, (all) => {
        const world = new World();
        world.deliverAll();
        for (const act of all) {
          if (act.kind === "lose" || act.kind === "kill") continue;
          if (act.kind === "pass") {
            // In small steps: a word is not on its way for seconds here.
            for (let left = act.ms; left > 0; left -= 100) {
              world.pass(Math.min(100, left));
              world.deliverAll();
            }
          } else world.play(act);
          world.deliverAll();
        }
        assert.ok(world.isFaultless);
        assert.deepEqual(world.leftTooSoon, []);
      }),
      { numRuns: 1_000, examples: [[STOPPED_WHILE_LINGERING]] },
    );
  });

  test("[PRESENCE-6] a word that was lost is noticed at the next one, be it a beat, and asked for", () => {
    const world = new World();
    world.play({ kind: "join", node: 0, who: 0, room: 0, tab: 1 });
    world.play({ kind: "join", node: 0, who: 1, room: 0, tab: 1 });
    world.deliverAll();
    const watcher = world.nodes[1];
    assert.equal(watcher?.shown("lobby").size, 2);
    world.play({ kind: "leave", node: 0, which: 0 });
    world.deliverAll();
    world.pass(5_000);
    // What it says of the one who left, and all before it, never comes.
    world.way(0, 1).length = 0;
    world.deliverAll();
    assert.equal(watcher.shown("lobby").size, 2, "it can't know");
    for (let step = 0; step < 6; step++) {
      world.pass(500);
      world.deliverAll();
    }
    assert.deepEqual([...watcher.shown("lobby").keys()], ["bob"]);
  });

  test("[PRESENCE-7] a process that was killed is noticed within 7 s by the others, and its people are gone", () => {
    const world = new World();
    world.deliverAll();
    world.play({ kind: "join", node: 0, who: 0, room: 0, tab: 1 });
    world.play({ kind: "join", node: 1, who: 1, room: 0, tab: 1 });
    for (let step = 0; step < 10; step++) {
      world.pass(500);
      world.deliverAll();
    }
    const watcher = world.nodes[2];
    assert.deepEqual([...(watcher?.shown("lobby").keys() ?? [])].sort(), ["ada", "bob"]);
    world.play({ kind: "kill", node: 0 });
    for (let step = 0; step < 14; step++) {
      world.pass(500);
      world.deliverAll();
    }
    assert.deepEqual([...(watcher?.shown("lobby").keys() ?? [])], ["bob"]);
  });

  test("[PRESENCE-7] a process that stood still for long does not take the others for dead", () => {
    const world = new World();
    world.deliverAll();
    world.play({ kind: "join", node: 1, who: 1, room: 0, tab: 1 });
    world.deliverAll();
    const [sleeper] = world.nodes;
    assert.ok(sleeper?.shown("lobby").has("bob"));
    for (let ms = 0; ms <= 4_000; ms += 500) {
      world.pass(500);
      world.deliverAll();
    }
    // Nothing reaches it and it does nothing, as under SIGSTOP; then its timers come first.
    const nowMs = world.nowMs + 60_000;
    sleeper?.tick(nowMs);
    assert.ok(sleeper?.shown("lobby").has("bob"));
    sleeper?.tick(nowMs + 2_000);
    sleeper?.tick(nowMs + 4_000);
    assert.ok(sleeper?.shown("lobby").has("bob") === false, "but it does not wait for ever");
  });
});
