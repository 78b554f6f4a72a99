import { isSideRoom } from "@parlor/log";
import { isReservedRoom } from "@parlor/protocol";

/** Which rooms a reader reads. */
export type RoomChoice = (room: string) => boolean;

export function oneRoom(name: string): RoomChoice {
  return (room) => room === name;
}

/**
 * A room's name, or a beginning of names with `*` behind it; null where it is neither. What only one identity may
 * read is nothing for a reader that did not name it.
 */
export function roomsNamed(pattern: unknown): RoomChoice | null {
  if (typeof pattern !== "string" || pattern === "" || pattern.slice(0, -1).includes("*")) return null;
  if (!pattern.endsWith("*")) return oneRoom(pattern);
  const beginning = pattern.slice(0, -1);
  const isOfIdentities = beginning.startsWith("@");
  return (room) =>
    room.startsWith(beginning) && !isSideRoom(room) && (isOfIdentities || !isReservedRoom(room));
}
