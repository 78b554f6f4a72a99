import type { RoomModel } from "../model/room-model.ts";
import { shownRun } from "../model/timeline.ts";
import { DownIcon } from "./icons.tsx";

/** The way up to where the person stopped reading, while that is further up than what is shown. */
export function UnreadButton({ room }: { readonly room: RoomModel }) {
  const readTo = room.readTo.value;
  const { earliest } = room.timeline.value;
  const run = shownRun(room.timeline.value);
  if (readTo === null || run === null || run.from <= readTo + 1 || readTo < earliest) return null;
  return (
    <button class="jump is-up" type="button" onClick={() => room.finder.show(readTo, true)}>
      <DownIcon />
      <span>To where you stopped reading</span>
    </button>
  );
}
