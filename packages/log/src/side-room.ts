/**
 * Side rooms: what the server itself keeps in the log beside a room, such as its state. Their names begin with
 * a control character, so that no client can name one and no identity's private room can be taken for one.
 *
 * Retention leaves them whole: it forgets what is old, and here the oldest may be what still holds. Whoever
 * writes one compacts it and trims it.
 */
const MARK = "\u0001";

export function sideRoom(kind: string, room: string): string {
  return `${MARK}${kind}/${room}`;
}

export function isSideRoom(name: string): boolean {
  return name.startsWith(MARK);
}
