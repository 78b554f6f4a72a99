import { within } from "./within.ts";

/** What arrives from a peer, in order, for a test that asks for one thing after the other. */
export class Arrivals<T> {
  readonly #what: string;
  readonly #waiting: T[] = [];
  #taker: ((item: T) => void) | null = null;
  #rejecter: ((fault: Error) => void) | null = null;
  #end: string | null = null;

  constructor(what: string) {
    this.#what = what;
  }

  add(item: T): void {
    const taker = this.#taker;
    this.#taker = this.#rejecter = null;
    if (taker === null) this.#waiting.push(item);
    else taker(item);
  }

  /** Nothing more comes; who waits is told why. */
  end(why: string): void {
    this.#end ??= why;
    this.#rejecter?.(new Error(`${this.#what} expected, but ${why}`));
    this.#taker = this.#rejecter = null;
  }

  /** Takes the next one, waiting for it where it is not there yet. One at a time. */
  next(patienceMs?: number): Promise<T> {
    const item = this.#waiting.shift();
    if (item !== undefined) return Promise.resolve(item);
    if (this.#end !== null) return Promise.reject(new Error(`${this.#what} expected, but ${this.#end}`));
    if (this.#taker !== null) throw new Error("two wait for one arrival");
    const arrival = new Promise<T>((resolve, reject) => {
      this.#taker = resolve;
      this.#rejecter = reject;
    });
    return within(arrival, this.#what, patienceMs);
  }

  /** What has arrived and was not taken. */
  get untaken(): readonly T[] {
    return this.#waiting;
  }
}
