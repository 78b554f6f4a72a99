import { hashOf } from "./place.ts";

export function RoomName({ room }: { readonly room: string }) {
  return (
    <a href={hashOf({ tab: "room", room })}>
      <bdi>{room}</bdi>
    </a>
  );
}
