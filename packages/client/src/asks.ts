import type { Asks, Cursor } from "./cursor.ts";

/** From now on asks for these, too; what is subscribed to already is asked for again, from where it is. */
export function askFor(cursor: Cursor, asks: Asks, isLinked: boolean): void {
  noteAsks(cursor, asks);
  if (!isLinked) return;
  cursor.unlink();
  cursor.resume();
}

/** What the next question says: the version that is here by now. */
export function noteAsks(cursor: Cursor, asks: Asks): void {
  const all = { ...cursor.asks, ...asks };
  cursor.asks = all;
  cursor.asksAgain = all.presence === undefined ? all : { ...all, presence: true };
}
