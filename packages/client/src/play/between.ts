import type { Place } from "./own-player.ts";
import type { PlayedBack } from "./playback.ts";

/**
 * Where everybody is drawn between two snapshots: on the straight way from one place to the other. Who is in the
 * second alone is where that has it; who is in the first alone is not drawn.
 *
 * @param placesOf Where a snapshot has everybody, by any key.
 * @param leap Who goes this far and further in one tick was put somewhere else, and does not fly there. @default none was
 */
export function placesBetween<Snapshot, Key>(
  { from, to, part, ticks }: PlayedBack<Snapshot>,
  placesOf: (snapshot: Snapshot) => ReadonlyMap<Key, Place>,
  leap = Infinity,
): Map<Key, Place> {
  const before = placesOf(from);
  const places = new Map<Key, Place>();
  for (const [key, place] of placesOf(to)) {
    const { x, y } = before.get(key) ?? place;
    const [dx, dy] = [place.x - x, place.y - y];
    const isLeap = Math.hypot(dx, dy) >= leap * Math.max(1, ticks);
    places.set(key, isLeap ? place : { x: x + dx * part, y: y + dy * part });
  }
  return places;
}
