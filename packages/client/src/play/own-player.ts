import { Prediction } from "./prediction.ts";

/** Where something is drawn, in any unit. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface OwnPlayerOptions<State, Input> {
  /** How long one tick of the server is, ms. */
  readonly tickMs: number;
  /** One tick of the server's own rules. Pure: it is called again for the same input. */
  readonly step: (state: State, input: Input) => State;
  /** Where to draw it so many seconds after a step, up to two ticks: where it goes by its speed, for instance. */
  readonly placeAt: (state: State, seconds: number) => Place;
  /** Inputs are numbered from 1, and count round at this: more than 64. @default 256 */
  readonly numbers?: number | undefined;
  /** A difference to what the server says is gone to a third after so long, ms. @default 100 */
  readonly mendMs?: number | undefined;
  /** A difference as large as this is gone at once: it was put somewhere else. @default none is */
  readonly leap?: number | undefined;
}

interface Said<Input> {
  readonly number: number;
  readonly input: Input;
  readonly atMs: number;
}

/**
 * One's own player, drawn where it will be when the server hears of it: a `Prediction` by the same rules that is
 * smooth. Where the server has it elsewhere, since it ran into somebody, it glides there and does not jump.
 *
 *     const own = new OwnPlayer<Body, Input>({ tickMs: 50, step, placeAt });
 *     // each tick: say the input
 *     own.say(input, performance.now(), (number) => signals.signal([number, input]));
 *     // each frame: what the server has, and the number of the newest input in that
 *     own.hear(body, number, performance.now());
 *     // in each animation frame
 *     const { x, y } = own.at(performance.now()) ?? nowhere;
 *
 * Moments are of one clock, ms. Rules: docs/guarantees.md, PLAY-.
 */
export class OwnPlayer<State, Input> {
  readonly #options: OwnPlayerOptions<State, Input>;
  readonly #prediction: Prediction<State, Said<Input>>;
  #answerMs: number | null = null;
  #number = 0;
  #steppedMs = 0;
  /** What is drawn is so far from what is predicted. */
  #off = { x: 0, y: 0, atMs: 0 };

  constructor(options: OwnPlayerOptions<State, Input>) {
    this.#options = options;
    this.#prediction = new Prediction((state, { input }) => options.step(state, input));
  }

  /** From the last input that was answered until its answer, ms; null before the first. */
  get answerMs(): number | null {
    return this.#answerMs;
  }

  /** Gives an input its number, and moves by it if it could be sent. */
  say(input: Input, nowMs: number, sends: (number: number) => boolean): void {
    const number = (this.#number + 1) % (this.#options.numbers ?? 256);
    if (!sends(number)) return;
    this.#number = number;
    this.#mend(nowMs, () => {
      this.#prediction.said({ number, input, atMs: nowMs });
      this.#steppedMs = nowMs;
    });
  }

  /** The server has it at `state`, in which are the inputs up to `number`. */
  hear(state: State, number: number, nowMs: number): void {
    this.#mend(nowMs, () => {
      const answered = this.#prediction.heard(state, number);
      if (answered !== null) this.#answerMs = nowMs - answered.atMs;
    });
  }

  /** Where to draw it; null before the server has said where it is. */
  at(nowMs: number): Place | null {
    const state = this.#prediction.state;
    if (state === null) return null;
    const { tickMs, placeAt, mendMs = 100 } = this.#options;
    const { x, y } = placeAt(state, Math.min(nowMs - this.#steppedMs, 2 * tickMs) / 1_000);
    const left = Math.exp((this.#off.atMs - nowMs) / mendMs);
    return { x: x + this.#off.x * left, y: y + this.#off.y * left };
  }

  /** Whatever changes, it is drawn where it was, and comes to the new place little by little. */
  #mend(nowMs: number, change: () => void): void {
    const before = this.at(nowMs);
    this.#off = { x: 0, y: 0, atMs: nowMs };
    change();
    const after = this.at(nowMs);
    if (before === null || after === null) return;
    const [x, y] = [before.x - after.x, before.y - after.y];
    if (Math.hypot(x, y) < (this.#options.leap ?? Infinity)) this.#off = { x, y, atMs: nowMs };
  }
}
