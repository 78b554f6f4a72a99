import { systemClock } from "@parlor/base";
import { roomSignals, type ParlorClient } from "@parlor/client";
import type { RoomModel } from "./room-model.ts";
import { Typing } from "./typing.ts";

/** Follows who is writing in a room, for as long as that is open in this page. */
export function followTyping(room: RoomModel, client: ParlorClient): void {
  if (room.typing.peek() !== null) return;
  const signals = roomSignals(client.room(room.name));
  const typing = new Typing({ signals, clock: systemClock, self: () => room.identity });
  room.onArrival((messages) => {
    for (const { from } of messages) typing.heard(from);
  });
  room.whenClosed(() => typing.close());
  room.typing.value = typing;
}
