import { ParlorClient, roomSignals, roomState, type RoomSignals } from "@parlor/client";
import { msgpack } from "@parlor/msgpack";
import { serve } from "../processes/serve.ts";

/** All the players in one process, with one clock. */
export type GamePlayersCalls = {
  enter(question: GameQuestion): Promise<void>;
  play(windowMs: number): Promise<Played>;
};

export interface GameQuestion {
  readonly port: number;
  readonly players: number;
  readonly isBinary: boolean;
}

export interface Played {
  /** From an input said until another player has the frame that has it, ms. */
  readonly tookMs: readonly number[];
  /** Frames that came to the others who are looked at, and how many there should have been. */
  readonly frames: number;
  readonly ticks: number;
  readonly frameBytes: number;
}

const SAY_MS = 50;
/** So many players look for everybody's inputs; to look in all 50 would cost more than to play. */
const LOOKERS = 5;

interface Player {
  readonly client: ParlorClient;
  readonly inputs: RoomSignals;
  number: number;
  /** Inputs said and not seen yet, by looker. */
  readonly said: { readonly number: number; readonly atMs: number }[][];
}

const players: Player[] = [];
const slots = new Map<number, Player>();
let tookMs: number[] = [];
let frames = 0;
/** Of the WebSocket messages that came to all, the frames' and what little else there is, and how many. */
let bytes = 0;
let messages = 0;
let ticks: [first: number, last: number] | null = null;
let isMeasured = false;

class CountedWebSocket extends WebSocket {
  constructor(url: string, protocols: string[]) {
    super(url, protocols);
    this.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (!isMeasured) return;
      bytes += typeof data === "string" ? Buffer.byteLength(data) : data.byteLength;
      messages += 1;
    });
  }
}

function look(looker: number, body: unknown, nowMs: number): void {
  const [, tick, places] = body as readonly [number, number, readonly number[], unknown];
  if (isMeasured) {
    frames += 1;
    if (looker === 0) {
      ticks = [ticks?.[0] ?? tick, tick];
    }
  }
  for (let at = 0; at < places.length; at += 6) {
    const player = slots.get(places[at] as number);
    const said = player?.said[looker];
    if (player === undefined || said === undefined || players[looker] === player) continue;
    const shown = said.findIndex(({ number }) => number === places[at + 5]);
    for (const { atMs } of said.splice(0, shown + 1)) if (isMeasured) tookMs.push(nowMs - atMs);
  }
}

function say(player: Player): void {
  player.number = (player.number + 1) % 256;
  const angle = Math.random() * 2 * Math.PI;
  const body = [player.number, Math.round(Math.cos(angle) * 99), Math.round(Math.sin(angle) * 99), 0];
  const atMs = performance.now();
  if (!player.inputs.signal(body)) return;
  for (const said of player.said) {
    // One that was dropped for a newer one of its tick is shown with that one; none waits for ever.
    if (said.length > 100) said.shift();
    said.push({ number: player.number, atMs });
  }
}

serve({
  async enter({ port, players: count, isBinary }) {
    for (let index = 0; index < count; index += 1) {
      const client = new ParlorClient(`http://127.0.0.1:${port}/`, {
        webSocket: CountedWebSocket,
        transports: ["websocket"],
        encoding: isBinary ? msgpack : undefined,
      });
      const arena = client.room("arena");
      const said = Array.from({ length: LOOKERS }, () => []);
      const player = { client, inputs: roomSignals(client.room("arena/input")), number: 0, said };
      players.push(player);
      roomSignals(arena).on("signal", ({ body }) => {
        if (index < LOOKERS) look(index, body, performance.now());
      });
      const subscribed = new Promise((resolve) => arena.on("subscribed", resolve));
      const scores = roomState(arena);
      arena.subscribe();
      await subscribed;
      if (index === 0) scores.on("change", () => learnSlots(scores.values));
      // Spread over the tick, as people are.
      setTimeout(() => setInterval(() => say(player), SAY_MS), (index * 7) % SAY_MS);
    }
    while (slots.size < count) await new Promise((resolve) => setTimeout(resolve, 20));
  },
  async play(windowMs) {
    [tookMs, frames, ticks, bytes, messages] = [[], 0, null, 0, 0];
    isMeasured = true;
    await new Promise((resolve) => setTimeout(resolve, windowMs));
    isMeasured = false;
    const [first, last] = ticks ?? ([0, -1] as const);
    return { tookMs, frames, ticks: (last - first + 1) * LOOKERS, frameBytes: bytes / messages };
  },
} satisfies GamePlayersCalls);

function learnSlots(values: ReadonlyMap<string, unknown>): void {
  for (const [slot, value] of values) {
    const { id } = value as { readonly id: string };
    const player = players.find(({ client }) => client.identity === id);
    if (player !== undefined) slots.set(Number(slot), player);
  }
}
