import type { AppModel } from "../model/app-model.ts";
import type { RoomModel } from "../model/room-model.ts";
import { dayWords } from "../model/time-words.ts";
import { CopyLink } from "./copy-link.tsx";
import { JumpButton } from "./jump-button.tsx";
import { MessageView } from "./message.tsx";
import { ScrollHold } from "./scroll-hold.tsx";
import { Skeleton } from "./skeleton.tsx";
import { EdgeAbove, EdgeBelow } from "./timeline-edge.tsx";

/** What was said in the room. */
export function Timeline({ model, room }: { readonly model: AppModel; readonly room: RoomModel }) {
  const rows = room.rows.value;
  const isFilling = room.isFilling.value;
  const today = model.today.value;
  if (rows.length === 0) {
    const isEmpty = !isFilling && !room.history.hasOlder.value;
    return (
      <main class="talk" data-region tabIndex={-1} aria-label="Messages">
        {isEmpty ? <Empty model={model} room={room} /> : <Skeleton />}
      </main>
    );
  }
  return (
    <main class="talk" data-region tabIndex={-1} aria-label="Messages">
      <ScrollHold
        label={`Messages in ${room.name}`}
        isPinned={room.isPinned.value}
        isAmid={room.isPast.value}
        onPinned={(isPinned) => room.setPinned(isPinned)}
        onNearTop={() => void room.history.readOlder()}
        onNearBottom={() => void room.history.readNewer()}
      >
        <EdgeAbove key="above" room={room} />
        {rows.map((row) => {
          switch (row.kind) {
            case "message":
              return <MessageView key={row.key} row={row} room={room} model={model} />;
            case "day":
              return (
                <h2 key={row.key} class="divider">
                  <span>{dayWords(row.day, today)}</span>
                </h2>
              );
            case "notice":
              return (
                <p key={row.key} class="divider is-notice">
                  <span>{row.sentence}</span>
                </p>
              );
          }
        })}
        <EdgeBelow key="below" room={room} />
      </ScrollHold>
      <JumpButton room={room} />
    </main>
  );
}

function Empty({ model, room }: { readonly model: AppModel; readonly room: RoomModel }) {
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
