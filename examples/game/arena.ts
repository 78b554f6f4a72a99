import { type Clock, systemClock, systemRandom, type TimerHandle } from "@parlor/base";
import type { AuthorizeQuestion, Parlor } from "@parlor/server";
import { botInput, isBot } from "./bots.ts";
import { frameOf, INPUT_ROOM, MAX_PLAYERS, readInput, TICK_MS, WORLD_ROOM } from "./frame.ts";
import { addPlayer, createWorld, type Input, type Player, step, type World } from "./world.ts";

/** Who says nothing for so long has left. Pages say something twice a second at least. */
const GONE_MS = 5_000;
/** Scores are told at most so often, in ticks. */
const BOARD_TICKS = 10;

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

interface Steering extends Input {
  readonly atMs: number;
}

class Arena {
  readonly #room;
  readonly #clock: Clock;
  readonly #inputs = new Map<string, Steering>();
  readonly #numbers = new Map<string, number>();
  /** What the state of the room says now, by slot. */
  readonly #told = new Map<string, string>();
  #world: World | null = null;
  #worldId = 0;
  #fill = 0;
  #startedMs = 0;
  #tick = 0;
  #timer: TimerHandle | null = null;
  #isTelling = false;

  constructor(parlor: Parlor, clock: Clock) {
    this.#room = parlor.room(WORLD_ROOM);
    this.#clock = clock;
  }

  hear(from: string, body: unknown): void {
    const input = readInput(body);
    if (input === null) return;
    const [number, x, y, fill] = input;
    const isKnown = this.#inputs.has(from);
    if (!isKnown && this.#inputs.size >= MAX_PLAYERS) return;
    this.#inputs.set(from, { x: x / 100, y: y / 100, atMs: this.#clock.monotonic() });
    this.#numbers.set(from, number);
    this.#fill = fill;
    if (this.#world === null) this.#begin();
  }

  rest(): void {
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
    this.#world = null;
  }

  #begin(): void {
    const seed = Math.floor(systemRandom() * 2 ** 31);
    this.#world = createWorld(seed);
    this.#worldId = seed % 10_000;
    this.#startedMs = this.#clock.monotonic();
    this.#tick = 0;
    void this.#remember(this.#world).finally(() => this.#wait());
  }

  /** Those that the server before this one told of have their scores back, if they still steer. */
  async #remember(world: World): Promise<void> {
    const state = await this.#room.state().catch(() => new Map<string, unknown>());
    const nowMs = this.#clock.monotonic();
    for (const [slot, value] of state) {
      this.#told.set(slot, JSON.stringify(value));
      const { id, score } = value as { readonly id: string; readonly score: number };
      if (isBot(id)) continue;
      addPlayer(world, id, Number(slot), score);
      if (!this.#inputs.has(id)) this.#inputs.set(id, { x: 0, y: 0, atMs: nowMs });
    }
  }

  #wait(): void {
    const nextMs = this.#startedMs + (this.#tick + 1) * TICK_MS;
    const delayMs = Math.max(0, nextMs - this.#clock.monotonic());
    this.#timer = this.#clock.after(delayMs, () => this.#turn());
  }

  #turn(): void {
    const world = this.#world;
    if (world === null) return;
    const nowMs = this.#clock.monotonic();
    // Ticks are time: a server that was held up leaves some out, and pages see them as lost.
    this.#tick = Math.max(this.#tick + 1, Math.floor((nowMs - this.#startedMs) / TICK_MS));
    this.#enterAndLeave(world, nowMs);
    const inputs = new Map<string, Input>(this.#inputs);
    for (const player of world.players.values()) {
      if (isBot(player.id)) inputs.set(player.id, botInput(world, player));
    }
    step(world, inputs, TICK_MS / 1_000);
    this.#room.signal(frameOf(this.#worldId, this.#tick, world, this.#numbers));
    if (this.#tick % BOARD_TICKS === 0 || this.#inputs.size === 0) void this.#tellScores(world);
    if (this.#inputs.size === 0) this.rest();
    else this.#wait();
  }

  #enterAndLeave(world: World, nowMs: number): void {
    for (const [id, { atMs }] of this.#inputs) {
      if (nowMs - atMs <= GONE_MS) continue;
      for (const map of [this.#inputs, this.#numbers, world.players]) map.delete(id);
    }
    const bots = [...world.players.values()].filter(({ id }) => isBot(id));
    const wantedBots = this.#inputs.size === 0 ? 0 : Math.max(0, this.#fill - this.#inputs.size);
    for (const bot of bots.slice(wantedBots)) world.players.delete(bot.id);
    for (const id of this.#inputs.keys()) if (!world.players.has(id)) this.#enter(world, id);
    for (let count = bots.length; count < wantedBots; count += 1) this.#enter(world, null);
  }

  /** @param id  null for a bot, which is called by its slot. */
  #enter(world: World, id: string | null): Player {
    const taken = new Set([...world.players.values()].map(({ slot }) => slot));
    let slot = 0;
    while (taken.has(slot)) slot += 1;
    return addPlayer(world, id ?? `bot-${slot}`, slot);
  }

  /** Scores are state: whoever comes late has all at once, and a newer one replaces an older. */
  async #tellScores(world: World): Promise<void> {
    if (this.#isTelling) return;
    this.#isTelling = true;
    const now = new Map<string, string>();
    for (const { id, slot, score } of world.players.values())
      now.set(`${slot}`, JSON.stringify({ id, score }));
    const changed = [...new Set([...now.keys(), ...this.#told.keys()])].filter(
      (slot) => now.get(slot) !== this.#told.get(slot),
    );
    // What can't be set now differs from what was told, and is set the next time.
    await Promise.allSettled(
      changed.map(async (slot) => {
        const value = now.get(slot);
        await this.#room.set(slot, value === undefined ? null : JSON.parse(value));
        if (value === undefined) this.#told.delete(slot);
        else this.#told.set(slot, value);
      }),
    );
    this.#isTelling = false;
  }
}
