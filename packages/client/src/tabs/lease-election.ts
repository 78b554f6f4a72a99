import type { Clock, Random, TimerHandle } from "@parlor/base";
import type { Election, ElectionEvents } from "./election.ts";

/** What candidates say to one another. */
export type LeaseWord =
  | { readonly kind: "claim"; readonly id: string }
  /** It leads, and goes on. */
  | { readonly kind: "lease"; readonly id: string }
  /** It leads no more. */
  | { readonly kind: "resign"; readonly id: string };

/** How often who leads says so. Timers of pages that nobody sees run once a second. */
const RENEW_MS = 1_000;
/** Who was not heard for so long leads no more; a page that was hidden for minutes may be so slow, and then two lead for a while. */
const LEASE_MS = 3_500;
/** How long a claim waits for another's. */
const CLAIM_MS = 200;

type State = "out" | "waiting" | "claiming" | "leading";

/**
 * The hub is who says so again and again: for pages that have no locks, over plain http. Of two who say so at once
 * the one with the smaller id stays. While they do not hear each other both lead, and nothing is wrong but that
 * there are two connections.
 */
export class LeaseElection implements Election {
  readonly #id: string;
  readonly #say: (word: LeaseWord) => void;
  readonly #events: ElectionEvents;
  readonly #clock: Clock;
  readonly #random: Random;
  #state: State = "out";
  #timer: TimerHandle | null = null;

  constructor(
    id: string,
    say: (word: LeaseWord) => void,
    events: ElectionEvents,
    clock: Clock,
    random: Random,
  ) {
    this.#id = id;
    this.#say = say;
    this.#events = events;
    this.#clock = clock;
    this.#random = random;
  }

  enter(): void {
    if (this.#state === "out") this.#claim();
  }

  depose(): void {
    if (this.#state === "waiting") this.#claim();
  }

  leave(): void {
    if (this.#state === "leading") this.#say({ kind: "resign", id: this.#id });
    this.#become("out");
  }

  hear({ kind, id }: LeaseWord): void {
    if (this.#state === "out" || id === this.#id) return;
    if (kind === "resign") return this.#state === "waiting" ? this.#claim() : undefined;
    if (this.#state === "leading") {
      // Who claims may not have heard of it.
      if (kind === "claim" || id > this.#id) return this.#say({ kind: "lease", id: this.#id });
      this.#wait();
      return this.#events.onDeposed();
    }
    if (kind === "lease" || id < this.#id) this.#wait();
  }

  #wait(): void {
    this.#become("waiting", LEASE_MS * (1 + this.#random() / 2), () => this.#claim());
  }

  #claim(): void {
    this.#say({ kind: "claim", id: this.#id });
    this.#become("claiming", CLAIM_MS, () => {
      this.#lead();
      this.#events.onLead();
    });
  }

  #lead(): void {
    this.#say({ kind: "lease", id: this.#id });
    this.#become("leading", RENEW_MS, () => this.#lead());
  }

  #become(state: State, afterMs?: number, task?: () => void): void {
    this.#state = state;
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
    this.#timer = afterMs === undefined || task === undefined ? null : this.#clock.after(afterMs, task);
  }
}
