import { type Clock, startTicks, systemClock } from "@parlor/base";
import type { AuthorizeQuestion, Parlor } from "@parlor/server";
import { type Change, Market } from "./market.ts";
import { type Price, PRICES_ROOM } from "./price.ts";

/** Where the process that owns the market tells the others; no page may hear it or speak there. */
const FEED_ROOM = "ticker/feed";

/** 5,000 a second. */
const CHANGES_A_TICK = 100;
const TICK_MS = 20;
/** After a pause of the process so much of what was due is made up for, and the rest is left out. */
const MAX_TICKS = 5;
/** So often everything is told: what processes tell each other may be lost, and one that just began has nothing. */
const TELL_ALL_TICKS = 50;

type Prices = Record<string, Price>;

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
  const feed = parlor.room(FEED_ROOM);
  const show = async (changed: Prices): Promise<void> => {
    await Promise.all(Object.entries(changed).map(([symbol, price]) => prices.set(symbol, price)));
  };
  if (!isOwner) {
    // A server that ends refuses, and there is nobody left to show it to; otherwise all of it comes again.
    return await feed.onSignal(({ body }) => void show(body as Prices).catch(() => undefined));
  }
  const market = new Market(1);
  const all: Prices = {};
  const told = ({ symbol, cents, changes }: Change): Price => (all[symbol] = [cents, clock.now(), changes]);
  let stop: (() => void) | null = null;
  const rest = (): void => {
    stop?.();
    stop = null;
  };
  const change = (tick: number, passed: number): void => {
    const changed: Prices = {};
    for (let left = CHANGES_A_TICK * Math.min(passed, MAX_TICKS); left > 0; left -= 1) {
      const change = market.next();
      changed[change.symbol] = told(change);
    }
    feed.signal(tick % TELL_ALL_TICKS === 0 ? all : changed);
    // A server that ends refuses; who comes after that begins it again.
    show(changed).catch(rest);
  };
  const watching = prices.onPresence(({ count }) => {
    if (count === 0) return rest();
    if (stop !== null) return;
    // Who comes first sees the whole table at once: rows that came one by one would move from under a finger.
    for (const each of market.all()) told(each);
    show(all).catch(rest);
    stop = startTicks(clock, TICK_MS, change);
  });
  return {
    close: () => {
      watching.close();
      rest();
    },
  };
}
