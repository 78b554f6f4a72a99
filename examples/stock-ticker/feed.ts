import { type Clock, systemClock, type TimerHandle } from "@parlor/base";
import type { AuthorizeQuestion, Parlor } from "@parlor/server";
import { Market } from "./market.ts";
import { type Price, PRICES_ROOM } from "./price.ts";

/** Where the process that owns the market tells the others; no page may hear it or speak there. */
const FEED_ROOM = "ticker/feed";

const CHANGES_PER_SECOND = 5_000;
const TICK_MS = 20;
/** After a pause of the process what was due in it is left out. */
const MAX_CHANGES_A_TICK = 500;
/** So often everything is told: what processes tell each other may be lost, and one that just began has nothing. */
const TELL_ALL_TICKS = 50;

/** For `volatileState`: prices are made anew, so nothing of them is kept. */
export function isTicker(room: string): boolean {
  return room === PRICES_ROOM;
}

/** For `authorize`: prices are the server's alone to tell. */
export function mayInTicker({ action, room }: AuthorizeQuestion): boolean {
  if (room === FEED_ROOM) return false;
  return room !== PRICES_ROOM || action === "subscribe" || action === "history" || action === "presence";
}

/**
 * Changes prices while somebody is present in their room, in whichever process; rests when the last has left.
 * Of several processes exactly one is the owner, and the others show what it tells them.
 */
export async function startTicker(
  parlor: Parlor,
  isOwner = true,
  clock: Clock = systemClock,
): Promise<{ close(): void }> {
  const prices = parlor.room(PRICES_ROOM);
  const show = async (changed: Readonly<Record<string, Price>>): Promise<void> => {
    await Promise.all(Object.entries(changed).map(([symbol, price]) => prices.set(symbol, price)));
  };
  if (isOwner) return new Generator(parlor, show, clock);
  return await parlor.room(FEED_ROOM).onSignal(({ body }) => {
    // A server that ends refuses, and there is nobody left to show it to; otherwise all of it comes again.
    show(body as Readonly<Record<string, Price>>).catch(() => undefined);
  });
}

class Generator {
  readonly #feed;
  readonly #presence;
  readonly #show;
  readonly #clock: Clock;
  readonly #market = new Market(1);
  readonly #all: Record<string, Price> = {};
  #timer: TimerHandle | null = null;
  #lastMs = 0;
  #ticks = 0;

  constructor(parlor: Parlor, show: (changed: Record<string, Price>) => Promise<void>, clock: Clock) {
    this.#feed = parlor.room(FEED_ROOM);
    this.#show = show;
    this.#clock = clock;
    this.#presence = parlor.room(PRICES_ROOM).onPresence(({ count }) => {
      if (count === 0) this.#rest();
      else if (this.#timer === null) this.#begin();
    });
  }

  close(): void {
    this.#presence.close();
    this.#rest();
  }

  #begin(): void {
    this.#lastMs = this.#clock.monotonic();
    this.#timer = this.#clock.after(TICK_MS, () => this.#tick());
  }

  #rest(): void {
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
    this.#timer = null;
  }

  #tick(): void {
    this.#timer = this.#clock.after(TICK_MS, () => this.#tick());
    const nowMs = this.#clock.monotonic();
    const due = Math.round(((nowMs - this.#lastMs) * CHANGES_PER_SECOND) / 1_000);
    this.#lastMs = nowMs;
    const changed: Record<string, Price> = {};
    for (let count = Math.min(due, MAX_CHANGES_A_TICK); count > 0; count -= 1) {
      const { symbol, cents, changes } = this.#market.next();
      changed[symbol] = this.#all[symbol] = [cents, this.#clock.now(), changes];
    }
    this.#ticks += 1;
    this.#feed.signal(this.#ticks % TELL_ALL_TICKS === 0 ? this.#all : changed);
    // A server that ends refuses; who comes after that begins it again.
    this.#show(changed).catch(() => this.#rest());
  }
}
