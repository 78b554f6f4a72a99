import { type Clock, systemRandom } from "@parlor/base";
import type { AuthorizeQuestion, Parlor, RoomHandle } from "@parlor/server";
import { type Seat, startPlay } from "@parlor/server/play";
import { botInput } from "./bots.ts";
import { frameOf, type InputBody, INPUT_ROOM, MAX_PLAYERS, readInput, TICK_MS, WORLD_ROOM } from "./frame.ts";
import { addPlayer, createWorld, type Input, step, type World } from "./world.ts";

/** Scores are told at most so often, in ticks. */
const BOARD_TICKS = 10;

/** Whether a room is one of the arena's own. */
export function isArena(room: string): boolean {
  return room === WORLD_ROOM || room === INPUT_ROOM;
}

/** In `authorize`: the world and the scores are the server's alone to tell. */
export function mayInArena({ action, room }: AuthorizeQuestion): boolean {
  return room !== WORLD_ROOM || action === "subscribe" || action === "history" || action === "presence";
}

/**
 * Owns the world: hears inputs, moves everything 20 times a second, and says each tick once, to all. It rests
 * while nobody plays. Exactly one process may own it; the players' pages may be on any other.
 */
export async function startArena(parlor: Parlor, clock?: Clock): Promise<{ close(): void }> {
  const arena = new Arena(parlor.room(WORLD_ROOM));
  return await startPlay<InputBody>(parlor, {
    inputRoom: INPUT_ROOM,
    tickMs: TICK_MS,
    maxPlayers: MAX_PLAYERS,
    clock,
    readInput,
    fill: ([, , , fill]) => fill,
    begin: (keep) => arena.begin(keep),
    turn: (seats, tick) => arena.turn(seats, tick),
  });
}

/** As it is kept for whoever comes late, by slot. */
interface Score {
  readonly id: string;
  readonly score: number;
}

class Arena {
  readonly #room: RoomHandle;
  /** Of the world before this one, by id. */
  readonly #scores = new Map<string, number>();
  #world = createWorld(0);
  #worldId = 0;
  #isTelling = false;

  constructor(room: RoomHandle) {
    this.#room = room;
  }

  async begin(keep: (id: string, slot: number) => boolean): Promise<void> {
    const seed = Math.floor(systemRandom() * 2 ** 31);
    this.#world = createWorld(seed);
    this.#worldId = seed % 10_000;
    // Those that the server before this one told of have their scores back, if they still steer.
    this.#scores.clear();
    const scores = await this.#room.state().catch(() => new Map<string, unknown>());
    for (const [key, value] of scores) {
      const [{ id, score }, slot] = [value as Score, Number(key)];
      if (!id.startsWith("bot-") && keep(id, slot)) this.#scores.set(id, score);
    }
  }

  turn(seats: readonly Seat<InputBody>[], tick: number): void {
    const world = this.#world;
    const here = new Set(seats.map(({ id }) => id));
    for (const id of world.players.keys()) if (!here.has(id)) world.players.delete(id);
    const inputs = new Map<string, Input>();
    const numbers = new Map<string, number>();
    for (const { id, slot, isBot, input } of seats) {
      const player = world.players.get(id) ?? addPlayer(world, id, slot, this.#scores.get(id));
      this.#scores.delete(id);
      const [number, x, y] = input ?? [0, 0, 0];
      inputs.set(id, isBot ? botInput(world, player) : { x: x / 100, y: y / 100 });
      numbers.set(id, number);
    }
    step(world, inputs, TICK_MS / 1_000);
    this.#room.signal(frameOf(this.#worldId, tick, world, numbers));
    if (seats.length === 0 || tick % BOARD_TICKS === 0) void this.#tellScores(world);
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
