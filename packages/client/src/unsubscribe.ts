import type { CoreParts } from "./core-parts.ts";

/** The room is wanted no more; the cursor stays. */
export function unsubscribe({ cursors, connection, turn }: CoreParts, room: string): void {
  const cursor = cursors.get(room);
  const question = cursor?.question ?? null;
  if (cursor === undefined || question === null) return;
  cursor.dropped = question;
  cursor.wanted = null;
  if (connection.isLinked && cursor.isGoing) turn.send({ type: "unsubscribe", room });
  cursor.unlink();
}
