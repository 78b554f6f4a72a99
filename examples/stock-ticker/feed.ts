import { type Clock, systemClock, type TimerHandle } from "@parlor/base";
import type { AuthorizeQuestion, Parlor } from "@parlor/server";
import { Market } from "./market.ts";

/** Its state is the prices: of each symbol `[cents, when]`, `when` in milliseconds since 1970. */
export const PRICES_ROOM = "ticker/prices";
/** Whoever looks says so here with a signal, every few seconds; the body is of no account. */
export const WATCH_ROOM = "ticker/watch";

const CHANGES_PER_SECOND = 5_000;
const TICK_MS = 20;
/** After a pause of the process what was due in it is left out. */
const MAX_CHANGES_A_TICK = 500;
/** Nobody said for so long that they look: the prices stand still and nothing runs. */
const REST_AFTER_MS = 10_000;

/** For `volatileState`: prices are made anew, so nothing of them is kept. */
export function isTicker(room: string): boolean {
  return room === PRICES_ROOM;
}

/** For `authorize`: prices are the server's alone to set. */
export function mayInTicker({ action, room }: AuthorizeQuestion): boolean {
  return room !== PRICES_ROOM || action === "subscribe" || action === "history";
}

/** Changes prices while somebody looks. */
export async function startTicker(parlor: Parlor, clock: Clock = systemClock): Promise<{ close(): void }> {
  const prices = parlor.room(PRICES_ROOM);
  const market = new Market(1);
  let timer: TimerHandle | null = null;
  let watchedMs = 0;
  let lastMs = 0;

  const tick = async (): Promise<void> => {
    const nowMs = clock.monotonic();
    const due = Math.round(((nowMs - lastMs) * CHANGES_PER_SECOND) / 1_000);
    lastMs = nowMs;
    const at = clock.now();
    const sets = Array.from({ length: Math.min(due, MAX_CHANGES_A_TICK) }, () => {
      const { symbol, cents } = market.next();
      return prices.set(symbol, [cents, at]);
    });
    await Promise.all(sets);
  };
  const run = (): void => {
    timer = null;
    if (clock.monotonic() - watchedMs > REST_AFTER_MS) return;
    timer = clock.after(TICK_MS, run);
    // A server that ends refuses; there is nobody left to tell then.
    tick().catch(close);
  };
  let isClosed = false;
  function close(): void {
    isClosed = true;
    if (timer !== null) clock.cancel(timer);
    timer = null;
  }

  const heard = await parlor.room(WATCH_ROOM).onSignal(() => {
    watchedMs = clock.monotonic();
    if (timer !== null || isClosed) return;
    lastMs = watchedMs;
    timer = clock.after(TICK_MS, run);
  });
  return {
    close: () => {
      heard.close();
      close();
    },
  };
}
