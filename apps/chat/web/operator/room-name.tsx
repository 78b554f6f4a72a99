import { roomLabel } from "../model/room-label.ts";
import { hashOf } from "./place.ts";

export function RoomName({ room }: { readonly room: string }) {
  return (
    <a href={hashOf({ tab: "room", room })}>
      <bdi>{roomLabel(room)}</bdi>
    </a>
  );
}
