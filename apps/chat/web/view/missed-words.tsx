import type { RoomModel } from "../model/room-model.ts";
import { focusList } from "./focus-list.ts";

/** Why the message that was looked for is not shown. */
export function MissedWords({ room }: { readonly room: RoomModel }) {
  const { missed } = room.finder;
  if (missed.value === null) return null;
  const close = (): void => {
    focusList();
    missed.value = null;
  };
  return (
    <p class="notice missed" role="status">
      <span>{missed.value}</span>
      <button class="button is-small" type="button" onClick={close}>
        Close
      </button>
    </p>
  );
}
