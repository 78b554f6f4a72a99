import type { AppModel } from "../../model/app-model.ts";
import { ShieldIcon } from "../message-icons.tsx";

/** Opens the room's own dialog; with a dot where something waits for a decision. */
export function RoomButton({ model }: { readonly model: AppModel }) {
  const standing = model.room.value?.moderation.value?.standing.value ?? null;
  const waits = standing === null ? 0 : standing.openReports + standing.held;
  return (
    <button
      class="button is-bare room-button"
      type="button"
      title="This room"
      aria-haspopup="dialog"
      onClick={() => model.openDialog({ kind: "room" })}
    >
      <ShieldIcon />
      <span class="unseen">This room</span>
      {waits > 0 && (
        <span class="unread-dot is-mention">
          <span class="unseen">, {waits} waiting for a moderator</span>
        </span>
      )}
    </button>
  );
}
