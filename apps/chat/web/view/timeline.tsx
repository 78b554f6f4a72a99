import { useLayoutEffect, useRef } from "preact/hooks";
import type { AppModel } from "../model/app-model.ts";
import type { RoomModel } from "../model/room-model.ts";
import { rowBlocks, type Drawn } from "../model/row-blocks.ts";
import { dayWords } from "../model/time-words.ts";
import { moderationSigns, stills } from "./later-parts.ts";
import { goToMessage } from "./go-to-message.ts";
import { MessageBlock } from "./message-block.tsx";
import { ScrollHold } from "./scroll-hold.tsx";
import { useGrowing } from "./use-growing.ts";
import { Skeleton } from "./skeleton.tsx";
import { EdgeAbove, EdgeBelow } from "./timeline-edge.tsx";

/** What was said in the room. */
export function Timeline({ model, room }: { readonly model: AppModel; readonly room: RoomModel }) {
  const rows = room.rows.value;
  const signs = moderationSigns.drawn;
  const isFilling = room.isFilling.value;
  const today = model.today.value;
  const target = room.finder.target.value;
  const { missed } = room.finder;
  const late = missed.value === null && room.isPinned.value ? stills.drawn : stills.value;
  useLayoutEffect(() => {
    // Where it is not drawn yet, the drawing that has it comes in a moment.
    if (target !== null && goToMessage(target)) room.finder.target.value = null;
  }, [room, target, rows]);
  const drawn = useGrowing(rows, target !== null);
  const isWhole = drawn === rows;
  const blocks = useRef<readonly Drawn[]>([]);
  blocks.current = rowBlocks(drawn, blocks.current);
  // What was read and is not drawn yet is drawn first: else more and more of it would be drawn in one task.
  const isUpToDate = (): boolean => room.rows.peek() === rows;
  if (rows.length === 0) {
    const empty = isFilling || room.history.hasOlder.value ? null : stills.value;
    return (
      <main class="talk" data-region tabIndex={-1} aria-label="Messages">
        {empty === null ? <Skeleton /> : <empty.EmptyRoom model={model} room={room} />}
      </main>
    );
  }
  return (
    <main class="talk" data-region tabIndex={-1} aria-label="Messages">
      {signs && <signs.Pins room={room} />}
      <ScrollHold
        label={`Messages in ${room.name}`}
        isPinned={room.isPinned.value}
        isAmid={room.isPast.value}
        onPinned={(isPinned) => room.setPinned(isPinned)}
        onEnd={() => room.jumpToNewest()}
        onNearTop={() => isWhole && isUpToDate() && void room.history.readOlder()}
        onNearBottom={() => isUpToDate() && void room.history.readNewer()}
      >
        {isWhole && <EdgeAbove key="above" room={room} />}
        {blocks.current.map((row) => {
          switch (row.kind) {
            case "block":
              return <MessageBlock key={row.key} block={row} room={room} model={model} />;
            case "act":
              return signs && <signs.ActLine key={row.key} message={row.message} room={room} model={model} />;
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
      {late && <late.UnreadButton room={room} />}
      {late && <late.MissedWords room={room} />}
      {late && <late.JumpButton room={room} />}
    </main>
  );
}
