import type { RoomModel } from "../model/room-model.ts";
import { MAX_SHOWN } from "../model/timeline.ts";
import { focusList } from "./focus-list.ts";
import { DownIcon } from "./icons.tsx";

/** The way back to the newest message, with the number of those that came meanwhile. */
export function JumpButton({ room }: { readonly room: RoomModel }) {
  if (room.isPinned.value) return null;
  const count = room.newCount.value;
  const counted = count >= MAX_SHOWN ? `${MAX_SHOWN}+` : `${count}`;
  const jump = (): void => {
    focusList();
    room.jumpToNewest();
  };
  return (
    <button class={`jump ${count > 0 ? "has-new" : ""}`} type="button" onClick={jump}>
      <DownIcon />
      <span>{count === 0 ? "Newest" : `${counted} new`}</span>
    </button>
  );
}
