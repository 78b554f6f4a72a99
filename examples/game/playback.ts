import { type Frame, TICK_MS } from "./frame.ts";

/** Frames that are kept, for the figures: five seconds. */
const KEPT_TICKS = 100;
/** Whoever moves further than this in one tick was put somewhere else, and does not fly there. */
const LEAP = 150;

export interface Seen {
  /** x and y by slot. */
  readonly players: ReadonlyMap<number, readonly [x: number, y: number]>;
  readonly gems: readonly number[];
}

export interface Figures {
  /** Of the ticks of the last five seconds, those that did not come, 0 to 1. */
  readonly lost: number;
  /** How much later than the quickest frames came, ms: 19 of 20 at most so much. */
  readonly jitterMs: number;
  readonly newestTick: number;
}

/**
 * Plays frames that come when they come at the pace at which they were made, a little behind: what is drawn
 * lies between two frames that are both here.
 */
export class Playback {
  readonly delayMs: number;
  #world = -1;
  /** By tick, ascending. */
  #frames: { readonly frame: Frame; readonly lateMs: number }[] = [];

  constructor(delayMs: number) {
    this.delayMs = delayMs;
  }

  /** Takes a frame that came at `nowMs`. Late ones find their place; doubles and very old ones are left. */
  add(frame: Frame, nowMs: number): void {
    const [world, tick] = frame;
    if (world !== this.#world) {
      this.#world = world;
      this.#frames = [];
    }
    let place = this.#frames.length;
    while (place > 0 && this.#tickAt(place - 1) > tick) place -= 1;
    if (place > 0 && this.#tickAt(place - 1) === tick) return;
    if (tick <= this.#tickAt(this.#frames.length - 1) - KEPT_TICKS) return;
    this.#frames.splice(place, 0, { frame, lateMs: nowMs - tick * TICK_MS });
    const oldest = this.#tickAt(this.#frames.length - 1) - KEPT_TICKS;
    while (this.#tickAt(0) <= oldest) this.#frames.shift();
  }

  /** What to draw at `nowMs`; null before the first frame. */
  at(nowMs: number): Seen | null {
    // The quickest frame of the last seconds says how the server's clock stands to this one.
    const quickest = Math.min(...this.#frames.map(({ lateMs }) => lateMs));
    const tick = (nowMs - quickest - this.delayMs) / TICK_MS;
    const next = this.#frames.findIndex(({ frame }) => frame[1] > tick);
    const to = this.#frames.at(next)?.frame;
    if (to === undefined) return null;
    // Nothing newer is here: it stands still, since nobody knows where it went.
    const from = next > 0 ? (this.#frames[next - 1]?.frame ?? to) : to;
    return between(from, to, from === to ? 1 : (tick - from[1]) / (to[1] - from[1]));
  }

  figures(): Figures {
    const count = this.#frames.length;
    const newestTick = this.#tickAt(count - 1);
    const late = this.#frames.map(({ lateMs }) => lateMs).sort((a, b) => a - b);
    const jitterMs = (late[Math.floor(count * 0.95)] ?? 0) - (late[0] ?? 0);
    return { lost: count === 0 ? 0 : 1 - count / (newestTick - this.#tickAt(0) + 1), jitterMs, newestTick };
  }

  #tickAt(index: number): number {
    return this.#frames[index]?.frame[1] ?? -Infinity;
  }
}

function between(from: Frame, to: Frame, part: number): Seen {
  const before = positions(from);
  const players = new Map<number, readonly [number, number]>();
  for (const [slot, [x, y]] of positions(to)) {
    const [px, py] = before.get(slot) ?? [x, y];
    const isLeap = Math.hypot(x - px, y - py) > LEAP * (to[1] - from[1]);
    players.set(slot, isLeap ? [x, y] : [px + (x - px) * part, py + (y - py) * part]);
  }
  return { players, gems: part < 1 ? from[3] : to[3] };
}

function positions([, , players]: Frame): Map<number, readonly [number, number]> {
  const found = new Map<number, readonly [number, number]>();
  for (let at = 0; at < players.length; at += 4) {
    found.set(players[at] as number, [players[at + 1] as number, players[at + 2] as number]);
  }
  return found;
}
