import { type Clock, startTicks, systemClock, systemRandom } from "@parlor/base";
import type { AuthorizeQuestion, Parlor } from "@parlor/server";
import { botInput } from "./bots.ts";
import { frameOf, type InputBody, INPUT_ROOM, MAX_PLAYERS, readInput, TICK_MS, WORLD_ROOM } from "./frame.ts";
import { addPlayer, createWorld, type Input, step, type World } from "./world.ts";

/** Who says nothing for so long has left; pages say something every tick. */
const GONE_MS = 5_000;
/** Scores are told at most so often, in ticks. */
const BOARD_TICKS = 10;
/** Inputs of one player that wait for their tick: one makes up for those that come a little late, more were only lag. */
const MAX_WAITING = 2;

/** In `authorize`: the world and the scores are the server's alone to tell. */
export function mayInArena({ action, room }: AuthorizeQuestion): boolean {
  return room !== WORLD_ROOM || action === "subscribe" || action === "history" || action === "presence";
}

/**
 * Owns the world: hears inputs, moves everything 20 times a second, and says each tick once, to all. It rests
 * while nobody plays. Exactly one process may own it; the players' pages may be on any other.
 */
export async function startArena(parlor: Parlor, clock: Clock = systemClock): Promise<{ close(): void }> {
  const arena = new Arena(parlor, clock);
  const heard = await parlor.room(INPUT_ROOM).onSignal(({ from, body }) => arena.hear(from, body));
  return {
    close: () => {
      heard.close();
      arena.rest();
    },
  };
}

/** Somebody who plays: what it said that has not had its tick, and what it steers by until then. */
interface Person {
  readonly waiting: InputBody[];
  newest: InputBody;
  heardMs: number;
}

/** As it is kept for whoever comes late, by slot. */
interface Score {
  readonly id: string;
  readonly score: number;
}

class Arena {
  readonly #room;
  readonly #clock: Clock;
  readonly #people = new Map<string, Person>();
  #world: World | null = null;
  #worldId = 0;
  #fill = 0;
  #stop = (): void => {};
  #isTelling = false;

  constructor(parlor: Parlor, clock: Clock) {
    this.#room = parlor.room(WORLD_ROOM);
    this.#clock = clock;
  }

  hear(from: string, body: unknown): void {
    const input = readInput(body);
    if (input === null || (!this.#people.has(from) && this.#people.size >= MAX_PLAYERS)) return;
    const person = this.#personOf(from);
    person.heardMs = this.#clock.monotonic();
    person.waiting.push(input);
    if (person.waiting.length > MAX_WAITING) person.waiting.shift();
    this.#fill = input[3];
    if (this.#world === null) void this.#begin();
  }

  rest(): void {
    this.#stop();
    this.#world = null;
  }

  #personOf(id: string): Person {
    const known = this.#people.get(id);
    if (known !== undefined) return known;
    const person: Person = { waiting: [], newest: [0, 0, 0, 0], heardMs: this.#clock.monotonic() };
    this.#people.set(id, person);
    return person;
  }

  async #begin(): Promise<void> {
    const seed = Math.floor(systemRandom() * 2 ** 31);
    const world = createWorld(seed);
    this.#world = world;
    this.#worldId = seed % 10_000;
    // Those that the server before this one told of have their scores back, if they still steer.
    const scores = await this.#room.state().catch(() => new Map<string, unknown>());
    for (const [slot, value] of scores) {
      const { id, score } = value as Score;
      if (id.startsWith("bot-")) continue;
      this.#personOf(id);
      addPlayer(world, id, Number(slot), score);
    }
    // A tick that a server was held up for is left out, and pages see it as lost.
    if (this.#world === world)
      this.#stop = startTicks(this.#clock, TICK_MS, (tick) => this.#turn(world, tick));
  }

  #turn(world: World, tick: number): void {
    this.#enterAndLeave(world);
    const inputs = new Map<string, Input>();
    for (const player of world.players.values()) {
      const person = this.#people.get(player.id);
      inputs.set(player.id, person === undefined ? botInput(world, player) : nextInput(person));
    }
    step(world, inputs, TICK_MS / 1_000);
    const numberOf = (id: string): number => this.#people.get(id)?.newest[0] ?? 0;
    this.#room.signal(frameOf(this.#worldId, tick, world, numberOf));
    const isOver = this.#people.size === 0;
    if (isOver || tick % BOARD_TICKS === 0) void this.#tellScores(world);
    if (isOver) this.rest();
  }

  /** Who is silent leaves, who is new enters, and bots fill what is left. */
  #enterAndLeave(world: World): void {
    const { players } = world;
    const nowMs = this.#clock.monotonic();
    for (const [id, { heardMs }] of this.#people) {
      if (nowMs - heardMs > GONE_MS) this.#people.delete(id);
    }
    const bots = this.#people.size === 0 ? 0 : Math.max(0, this.#fill - this.#people.size);
    let botsHere = 0;
    for (const id of players.keys()) {
      const isBotToKeep = id.startsWith("bot-") && botsHere < bots;
      if (isBotToKeep) botsHere += 1;
      else if (!this.#people.has(id)) players.delete(id);
    }
    const enter = (id?: string): void => {
      const taken = new Set([...players.values()].map(({ slot }) => slot));
      let slot = 0;
      while (taken.has(slot)) slot += 1;
      addPlayer(world, id ?? `bot-${slot}`, slot);
    };
    for (const id of this.#people.keys()) if (!players.has(id)) enter(id);
    for (; botsHere < bots; botsHere += 1) enter();
  }

  /** Scores are state: whoever comes late has all at once, and a newer one replaces an older. */
  async #tellScores({ players }: World): Promise<void> {
    if (this.#isTelling) return;
    this.#isTelling = true;
    const scores = new Map([...players.values()].map(({ id, slot, score }) => [`${slot}`, { id, score }]));
    // What can't be set now still differs the next time.
    await this.#room.replaceState(scores).catch(() => undefined);
    this.#isTelling = false;
  }
}

/** One said input a tick, in order; who has said no other steers on as before. */
function nextInput(person: Person): Input {
  person.newest = person.waiting.shift() ?? person.newest;
  const [, x, y] = person.newest;
  return { x: x / 100, y: y / 100 };
}
