import { OwnPlayer } from "@parlor/client/play";
import { NUMBERS, TICK_MS } from "../frame.ts";
import { type Body, move } from "../world.ts";

/** Where it steers, in hundredths. */
export type Direction = readonly [x: number, y: number];

/** One's own player: it moves at once, by the very rules that the server has. */
export function ownPlayer(): OwnPlayer<Body, Direction> {
  return new OwnPlayer({
    tickMs: TICK_MS,
    numbers: NUMBERS,
    leap: 200,
    step: (before, [x, y]) => {
      const body = { ...before };
      move(body, { x: x / 100, y: y / 100 }, TICK_MS / 1_000);
      return body;
    },
    placeAt: ({ x, y, vx, vy }, seconds) => ({ x: x + vx * seconds, y: y + vy * seconds }),
  });
}
