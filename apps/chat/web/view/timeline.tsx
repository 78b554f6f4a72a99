import { useLayoutEffect } from "preact/hooks";
import type { AppModel } from "../model/app-model.ts";
import type { RoomModel } from "../model/room-model.ts";
import { dayWords } from "../model/time-words.ts";
import { CopyLink } from "./copy-link.tsx";
import { goToMessage } from "./go-to-message.ts";
import { JumpButton } from "./jump-button.tsx";
import { MessageView } from "./message.tsx";
import { ScrollHold } from "./scroll-hold.tsx";
import { Skeleton } from "./skeleton.tsx";
import { EdgeAbove, EdgeBelow } from "./timeline-edge.tsx";
import { UnreadButton } from "./unread-button.tsx";

/** What was said in the room. */
export function Timeline({ model, room }: { readonly model: AppModel; readonly room: RoomModel }) {
  const rows = room.rows.value;
  const isFilling = room.isFilling.value;
  const today = model.today.value;
  const target = room.finder.target.value;
  useLayoutEffect(() => {
    // Where it is not drawn yet, the drawing that has it comes in a moment.
    if (target !== null && goToMessage(target)) room.finder.target.value = null;
  }, [room, target, rows]);
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
        onEnd={() => room.jumpToNewest()}
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
            case "unread":
              return (
                <p key={row.key} class="divider is-unread">
                  <span>New since you were here</span>
                </p>
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
      <UnreadButton room={room} />
      <Missed room={room} />
      <JumpButton room={room} />
    </main>
  );
}

/** Why the message that was looked for is not shown. */
function Missed({ room }: { readonly room: RoomModel }) {
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
