import type { RoomModel } from "../model/room-model.ts";

/** Why the message that was looked for is not shown. */
export function MissedWords({ room }: { readonly room: RoomModel }) {
  const { missed } = room.finder;
  if (missed.value === null) return null;
  return (
    <p class="notice missed" role="status">
      <span>{missed.value}</span>
      <button class="button is-small" type="button" onClick={() => (missed.value = null)}>
        Close
      </button>
    </p>
  );
}
