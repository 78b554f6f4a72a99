import type { AppModel } from "../model/app-model.ts";
import type { RoomModel } from "../model/room-model.ts";
import { CopyLink } from "./copy-link.tsx";
import { MissedWords } from "./missed-words.tsx";

/** Nothing was said here yet, and how others get here. */
export function EmptyRoom({ model, room }: { readonly model: AppModel; readonly room: RoomModel }) {
  const beganAnew = room.timeline.value.beganAnew;
  return (
    <div class="still">
      <EmptyPicture />
      <h2>{beganAnew ? "This room began anew" : "Nothing was said here yet"}</h2>
      <p>
        {beganAnew
          ? "What was said in it before is no longer kept."
          : "Write the first message, or give somebody the address:"}
      </p>
      <p class="address">{model.roomAddress(room.name)}</p>
      <CopyLink address={model.roomAddress(room.name)} isWide />
      <MissedWords room={room} />
    </div>
  );
}

/** Two seats, one of them taken. */
function EmptyPicture() {
  return (
    <svg class="empty-picture" viewBox="0 0 96 48" width="96" height="48" aria-hidden="true">
      <path class="is-taken" d="M6 4h18a14 14 0 0 1 0 28h-8L6 44z" />
      <path class="is-free" d="M90 4H72a14 14 0 0 0 0 28h8l10 12z" />
    </svg>
  );
}
