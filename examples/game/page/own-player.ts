import { Prediction } from "@parlor/client/play";
import { type FramePlayer, NUMBERS, TICK_MS } from "../frame.ts";
import { type Body, move } from "../world.ts";

/** A difference to what the server says is gone to a third after so long, ms, and a larger one than this at once. */
const MEND_MS = 100;
const LEAP = 200;

interface Said {
  readonly number: number;
  readonly x: number;
  readonly y: number;
  readonly atMs: number;
}

/**
 * One's own player, drawn where it will be when the server hears of it: by the same rules, at once. Where the
 * server has it elsewhere, since it ran into somebody, it glides there and does not jump.
 */
export class OwnPlayer {
  /** From the last input that was answered until its answer, ms. */
  answerMs: number | null = null;
  readonly #prediction = new Prediction<Body, Said>((before, { x, y }) => {
    const body = { ...before };
    move(body, { x: x / 100, y: y / 100 }, TICK_MS / 1_000);
    return body;
  });
  #number = 0;
  #steppedMs = 0;
  /** What is drawn is so far from what is predicted. */
  #off = { x: 0, y: 0, atMs: 0 };

  /** Gives an input its number, and moves by it if it could be said. */
  say([x, y]: readonly [number, number], nowMs: number, sends: (number: number) => boolean): void {
    const number = (this.#number + 1) % NUMBERS;
    if (!sends(number)) return;
    this.#number = number;
    this.#mend(nowMs, () => {
      this.#prediction.said({ number, x, y, atMs: nowMs });
      this.#steppedMs = nowMs;
    });
  }

  hear({ number, ...body }: FramePlayer, nowMs: number): void {
    this.#mend(nowMs, () => {
      const answered = this.#prediction.heard(body, number);
      if (answered !== null) this.answerMs = nowMs - answered.atMs;
    });
  }

  /** Where to draw it; null before the server has said where it is. */
  at(nowMs: number): readonly [x: number, y: number] | null {
    const body = this.#prediction.state;
    if (body === null) return null;
    // Between two steps it goes straight on.
    const seconds = Math.min(nowMs - this.#steppedMs, 2 * TICK_MS) / 1_000;
    const left = Math.exp((this.#off.atMs - nowMs) / MEND_MS);
    return [body.x + body.vx * seconds + this.#off.x * left, body.y + body.vy * seconds + this.#off.y * left];
  }

  /** Whatever changes, it is drawn where it was, and comes to the new place little by little. */
  #mend(nowMs: number, change: () => void): void {
    const before = this.at(nowMs);
    this.#off = { x: 0, y: 0, atMs: nowMs };
    change();
    const after = this.at(nowMs);
    if (before === null || after === null) return;
    const [x, y] = [before[0] - after[0], before[1] - after[1]];
    if (Math.hypot(x, y) < LEAP) this.#off = { x, y, atMs: nowMs };
  }
}
