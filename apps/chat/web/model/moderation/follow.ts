import type { AppModel } from "../app-model.ts";
import type { RoomModel } from "../room-model.ts";
import { outcomesOf } from "./outcomes.ts";
import { OwnerLinks } from "./owner-links.ts";
import { RoomModeration } from "./room-moderation.ts";

/** Follows who may do what in a room for as long as it is open; once, however often it is called. */
export function followModeration(room: RoomModel, { client, texts }: AppModel): RoomModeration {
  const before = room.moderation.peek();
  if (before !== null) return before;
  const moderation = new RoomModeration(client, room, new OwnerLinks(texts), outcomesOf(client, texts));
  room.moderation.value = moderation;
  room.whenClosed(() => moderation.close());
  return moderation;
}

/** The address that gives a right in a room to whoever opens it. */
export function linkAddress(model: AppModel, room: string, token: string): string {
  return `${model.roomAddress(room)}#link=${token}`;
}
