/** Inputs that the server has not answered and that are kept; beyond these the oldest are forgotten. */
const MAX_UNANSWERED = 64;

/**
 * One's own player before the server has spoken: moves at once by the rules that the server has, and is put right
 * when it answers.
 *
 * The page gives each input a number, says it and applies it here; the server tells where the player is and the
 * number of the newest input that is in that. What was said since is applied to it again:
 *
 *     said   ──▶ 7 ──▶ 8 ──▶ 9 ──▶ 10            state: where 10 inputs lead, shown at once
 *     heard       "x = 40, after 8"              state: x = 40, then 9 and 10 again
 *
 * Where the server took the inputs as they were said, one a tick, nothing moves by that; where somebody stood in the
 * way, or an input was lost, the player is from now on where the server has it. Nothing is ever wrong for longer
 * than a round trip. Rules: docs/guarantees.md, PLAY-.
 */
export class Prediction<State, Input extends { readonly number: number }> {
  readonly #step: (state: State, input: Input) => State;
  #unanswered: Input[] = [];
  #state: State | null = null;

  /** @param step One tick of the server's own rules. Pure: it is called again for the same input. */
  constructor(step: (state: State, input: Input) => State) {
    this.#step = step;
  }

  /** Where it is, with everything that was said; null before the server has spoken. */
  get state(): State | null {
    return this.#state;
  }

  /** An input goes to the server now. Numbers may count round, if not within 64. */
  said(input: Input): void {
    this.#unanswered.push(input);
    if (this.#unanswered.length > MAX_UNANSWERED) this.#unanswered.shift();
    if (this.#state !== null) this.#state = this.#step(this.#state, input);
  }

  /**
   * The server has it at `state`, in which are the inputs up to `number`.
   * @returns The input of that number where it is answered only now, to see how long that took; else null.
   */
  heard(state: State, number: number): Input | null {
    const index = this.#unanswered.findIndex((input) => input.number === number);
    const answered = this.#unanswered[index] ?? null;
    this.#unanswered = this.#unanswered.slice(index + 1);
    this.#state = this.#unanswered.reduce(this.#step, state);
    return answered;
  }

  /** Forgets all: one is somebody else now, or nowhere. */
  clear(): void {
    this.#unanswered = [];
    this.#state = null;
  }
}
