import type { PlayedBack } from "@parlor/client/play";
import { type Frame, playersOf } from "../frame.ts";

/** Whoever moves further than this in one tick was put somewhere else, and does not fly there. */
const LEAP = 150;

/** What is drawn. */
export interface Seen {
  /** By slot. */
  readonly players: Map<number, readonly [x: number, y: number]>;
  /** x, y of each. */
  readonly gems: readonly number[];
}

/** The world between two frames: everybody on the way from one to the other. */
export function between({ from, to, part, ticks }: PlayedBack<Frame>): Seen {
  const before = playersOf(from);
  const players: Seen["players"] = new Map();
  for (const [slot, { x, y }] of playersOf(to)) {
    const old = before.get(slot) ?? { x, y };
    const isLeap = Math.hypot(x - old.x, y - old.y) > LEAP * ticks;
    players.set(slot, isLeap ? [x, y] : [old.x + (x - old.x) * part, old.y + (y - old.y) * part]);
  }
  return { players, gems: part < 1 ? from[3] : to[3] };
}
