import assert from "node:assert/strict";
import { FakeClock, randomInteger, seededRandom } from "@parlor/testkit";
import { ParlorClient, type ClientRoom, type Message, type Transport } from "../src/index.ts";
import { ModelServer } from "./model-server.ts";

const ROOMS = ["lobby", "attic"];
const FAULTY_MS = 8_000;
const CALM_MS = 120_000;

/** What one client said to one room, and what became of it. */
interface Said {
  readonly body: { readonly n: number; readonly bad: boolean };
  outcome: { offset: number | null } | { code: string } | null;
}

export class Member {
  readonly client: ParlorClient;
  readonly said = new Map<string, Said[]>();
  readonly seen = new Map<string, Message[]>();
  readonly told: string[] = [];

  constructor(name: string, link: Transport, clock: FakeClock, random: () => number) {
    this.client = new ParlorClient("http://model.test/", {
      key: name.padEnd(43, "-"),
      producer: `producer-${name}`,
      clock,
      random,
      transport: link,
      wake: { listen: () => () => undefined, isOffline: false },
    });
    for (const name of ROOMS) this.#enter(this.client.room(name));
  }

  publish(room: string, n: number, bad: boolean): void {
    const said: Said = { body: { n, bad }, outcome: null };
    this.said.get(room)?.push(said);
    this.client
      .room(room)
      .publish(said.body)
      .then(
        ({ offset }) => {
          said.outcome = { offset };
        },
        (error: { code: string }) => {
          said.outcome = { code: error.code };
        },
      );
  }

  #enter(room: ClientRoom): void {
    const seen: Message[] = [];
    this.seen.set(room.name, seen);
    this.said.set(room.name, []);
    room.on("messages", (messages) => void seen.push(...messages));
    room.on("lost", () => this.told.push(`lost in ${room.name}`));
    room.on("unsubscribed", ({ code }) => this.told.push(`unsubscribed from ${room.name}: ${code}`));
    room.subscribe({ last: 500 });
  }
}

/** The world of one run. */
export interface ModelWorld {
  readonly server: ModelServer;
  readonly clock: FakeClock;
  readonly random: () => number;
}

export interface ModelRun {
  /** What a member connects with. */
  link(name: string, world: ModelWorld): Transport;
  /** At each step of the faulty time. */
  onStep?(world: ModelWorld): void;
  /** A living connection was replaced by one over another transport. */
  onTakeOver?(): void;
  /** When all is well from now on. */
  onCalm?(): void;
}

/**
 * Three clients publish and subscribe through a network and against a server that do their worst, then
 * their best. In the end each publish has to be in the log once and in order, and each subscriber to have
 * seen the log.
 */
export async function playModel(seed: number, run: ModelRun): Promise<ModelServer> {
  const random = seededRandom(seed);
  const clock = new FakeClock();
  const server = new ModelServer(clock, random);
  const world = { server, clock, random };
  const members = ["ada", "bob", "eve"].map((name) => new Member(name, run.link(name, world), clock, random));
  for (const { client } of members) {
    let wasOpen = false;
    client.on("state", ({ kind }) => {
      if (wasOpen && kind === "open") run.onTakeOver?.();
      wasOpen = kind === "open";
    });
  }

  for (let n = 0, spentMs = 0; spentMs < FAULTY_MS; n++) {
    const stepMs = random() < 0.7 ? randomInteger(random, 0, 30) : randomInteger(random, 100, 900);
    clock.advance(stepMs);
    spentMs += stepMs + 1;
    const member = members[randomInteger(random, 0, 1)] as Member;
    const room = ROOMS[randomInteger(random, 0, ROOMS.length - 1)] as string;
    for (let burst = randomInteger(random, 1, 4); burst > 0; burst--) {
      member.publish(room, n * 10 + burst, random() < 0.08);
    }
    if (random() < 0.05) member.client.reconnect();
    run.onStep?.(world);
    // What waits for a promise, such as a token for one more connection, comes to its turn.
    for (let i = 0; i < 4; i++) await Promise.resolve();
  }
  server.isFaulty = false;
  run.onCalm?.();
  // A frame that was lost as the last of its room shows only when another follows.
  for (const room of ROOMS) members[0]?.publish(room, -1, false);
  await clock.advanceAsync(0);
  clock.advance(CALM_MS);
  await new Promise((resolve) => setImmediate(resolve));

  for (const name of ROOMS) checkRoom(name, server, members);
  for (const member of members) {
    assert.deepEqual(member.told, [], "nothing was lost, so nothing is told as lost");
    member.client.close();
  }
  return server;
}

function checkRoom(name: string, server: ModelServer, members: readonly Member[]): void {
  const { log } = server.room(name);
  for (const member of members) {
    const said = member.said.get(name) ?? [];
    const good = said.filter(({ body }) => !body.bad);
    const own = log.filter((message) => message.producer === member.client.producer);
    assert.deepEqual(
      own.map((message) => message.body),
      good.map(({ body }) => body),
      "each publish is in the log once, in the order of the calls",
    );
    for (const [index, { outcome }] of good.entries()) {
      assert.ok(outcome !== null && "offset" in outcome, "each promise fulfilled");
      if (outcome.offset !== null) assert.equal(outcome.offset, own[index]?.offset);
    }
    for (const { body, outcome } of said) {
      if (body.bad) assert.deepEqual(outcome, { code: "forbidden" });
    }
    assert.deepEqual(member.client.room(name).outbox, []);
    assert.deepEqual(
      member.seen.get(name)?.map((message) => message.offset),
      log.map((message) => message.offset),
      "each subscriber saw each message once, in order",
    );
    assert.equal(member.client.room(name).cursor?.offset ?? 0, log.at(-1)?.offset ?? 0);
  }
}
