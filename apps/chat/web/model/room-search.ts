import type { ListedRoom } from "./room-watches.ts";

/** The rooms whose names hold every word that was typed; those that begin with it come first. */
export function searchRooms(rooms: readonly ListedRoom[], typed: string): readonly ListedRoom[] {
  // People write rooms with a hash, which is seldom part of the name.
  const words = comparable(typed)
    .split(/[\s#]+/u)
    .filter(Boolean);
  const whole = words.join(" ");
  const found = rooms.filter(({ name }) => words.every((word) => comparable(name).includes(word)));
  const rank = ({ name }: ListedRoom): number =>
    comparable(name) === whole ? 0 : comparable(name).startsWith(whole) ? 1 : 2;
  return words.length === 0 ? rooms : found.toSorted((a, b) => rank(a) - rank(b));
}

/** The next room with something unread behind `from`, going round; one with a mention before all others. */
export function nextUnread(
  rooms: readonly ListedRoom[],
  from: string | null,
  step: 1 | -1,
): ListedRoom | null {
  const others = inTurn(rooms, from, step).filter(({ unread }) => unread.count > 0);
  return others.find(({ unread }) => unread.mentions > 0) ?? others[0] ?? null;
}

/** The next room on the list, going round; null where there is no other. */
export function nextRoom(rooms: readonly ListedRoom[], from: string | null, step: 1 | -1): ListedRoom | null {
  return inTurn(rooms, from, step)[0] ?? null;
}

function inTurn(rooms: readonly ListedRoom[], from: string | null, step: 1 | -1): readonly ListedRoom[] {
  const line = step === 1 ? rooms : rooms.toReversed();
  const at = line.findIndex(({ name }) => name === from);
  return [...line.slice(at + 1), ...line.slice(0, Math.max(at, 0))];
}

/** Without case and marks: who types "cafe" means "Café" too. */
function comparable(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}
