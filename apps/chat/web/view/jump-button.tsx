import type { RoomModel } from "../model/room-model.ts";
import { MAX_SHOWN } from "../model/timeline.ts";
import { DownIcon } from "./icons.tsx";

/** The way back to the newest message, with the number of those that came meanwhile. */
export function JumpButton({ room }: { readonly room: RoomModel }) {
  if (room.isPinned.value) return null;
  const count = room.newCount.value;
  const counted = count >= MAX_SHOWN ? `${MAX_SHOWN}+` : `${count}`;
  return (
    <button class={`jump ${count > 0 ? "has-new" : ""}`} type="button" onClick={() => room.jumpToNewest()}>
      <DownIcon />
      <span>{count === 0 ? "Newest" : `${counted} new`}</span>
    </button>
  );
}
