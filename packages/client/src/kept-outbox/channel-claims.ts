import type { Clock } from "@parlor/base";
import type { Claims } from "./claims.ts";

const CHANNEL = "parlor.outbox.claims";

/** A page that lives answers within this time; one that is frozen does not, and may be taken for dead, ms. */
const ANSWER_MS = 2_000;
/** A producer that lives is asked after again behind this time: its page can go without a word, ms. */
const AGAIN_MS = 15_000;

interface Asking {
  /** Of several that ask at the same time the least goes on. */
  readonly lot: number;
  isAnswered: boolean;
}

/**
 * Claims by asking the other pages, for browsers that give a page no locks: those do so on plain http, which phones in
 * a home's network use.
 *
 *     await ─ "whose is it?" ─┬─ a page answers: ask again later, or when it says that it is free
 *                             └─ nobody does: it is ours, and we answer from now on
 */
export class ChannelClaims implements Claims {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #channel = new BroadcastChannel(CHANNEL);
  /** How often each is held: one that is let go of may have been taken again. */
  readonly #held = new Map<string, number>();
  readonly #asking = new Map<string, Asking>();
  /** What to do when a producer is said to be free. */
  readonly #freed = new Map<string, () => void>();

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
    this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => this.#heard(data);
  }

  hold(producer: string): Promise<() => void> {
    return Promise.resolve(this.#take(producer));
  }

  await(producer: string, onClaim: (release: () => void) => void): () => void {
    let cancel = (): void => undefined;
    const after = (ms: number, act: () => void): void => {
      cancel();
      const timer = this.#clock.after(ms, act);
      cancel = () => this.#clock.cancel(timer);
    };
    const stop = (): void => {
      cancel();
      this.#asking.delete(producer);
      this.#freed.delete(producer);
    };
    const ask = (): void => {
      const asking = { lot: this.#random(), isAnswered: false };
      this.#asking.set(producer, asking);
      this.#channel.postMessage({ ask: producer, lot: asking.lot });
      after(ANSWER_MS, () => {
        this.#asking.delete(producer);
        if (asking.isAnswered) return after(AGAIN_MS, ask);
        stop();
        onClaim(this.#take(producer));
      });
    };
    this.#freed.set(producer, ask);
    ask();
    return stop;
  }

  close(): void {
    this.#channel.close();
  }

  #take(producer: string): () => void {
    this.#held.set(producer, this.#timesOf(producer) + 1);
    return () => {
      const times = this.#timesOf(producer) - 1;
      if (times > 0) return void this.#held.set(producer, times);
      this.#held.delete(producer);
      this.#channel.postMessage({ free: producer });
    };
  }

  #timesOf(producer: string): number {
    return this.#held.get(producer) ?? 0;
  }

  /** From another page of this origin, which may be of another release. */
  #heard(said: unknown): void {
    const { ask, lot, alive, free } = (said ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof ask === "string") {
      const own = this.#asking.get(ask);
      const isOurs = this.#held.has(ask) || (own !== undefined && own.lot < Number(lot));
      if (isOurs) this.#channel.postMessage({ alive: ask });
      else if (own !== undefined) own.isAnswered = true;
    }
    if (typeof alive === "string") {
      const asking = this.#asking.get(alive);
      if (asking !== undefined) asking.isAnswered = true;
    }
    if (typeof free === "string") this.#freed.get(free)?.();
  }
}
