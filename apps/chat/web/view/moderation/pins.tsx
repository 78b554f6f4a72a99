import { useState } from "preact/hooks";
import { GUEST } from "../../model/display-name.ts";
import { wordsOf } from "../../model/message-body.ts";
import type { RoomModel } from "../../model/room-model.ts";
import { PinIcon } from "../message-icons.tsx";
import { firstLine } from "../quote.tsx";

/** What moderators pinned: the newest in one line, and all of them once that is asked for. */
export function Pins({ room }: { readonly room: RoomModel }) {
  const [isOpen, setOpen] = useState(false);
  const pins = room.moderation.value?.standing.value?.pins ?? [];
  const [newest] = pins.slice(-1);
  if (newest === undefined) return null;
  const shown = isOpen ? pins.toReversed() : [newest];
  return (
    <section class="pins" aria-label="Pinned messages">
      <ul id="pins-list">
        {shown.map((offset) => (
          <li key={offset}>
            <PinIcon />
            <Pinned offset={offset} room={room} />
          </li>
        ))}
      </ul>
      {pins.length > 1 && (
        <button
          class="button is-small"
          type="button"
          aria-expanded={isOpen}
          aria-controls="pins-list"
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? "Only the newest" : `All ${pins.length}`}
        </button>
      )}
    </section>
  );
}

function Pinned({ offset, room }: { readonly offset: number; readonly room: RoomModel }) {
  const pinned = room.quoted(offset);
  if (pinned === "reading") return <span>…</span>;
  if (pinned === "gone" || pinned.body.kind === "erased") return <span>A message that is gone</span>;
  const { body } = pinned;
  const name = (body.kind === "text" ? body.name : null) ?? GUEST;
  return (
    <button class="pin" type="button" title="Go to this message" onClick={() => room.showMessage(offset)}>
      <bdi class="pin-name">{name}</bdi> <bdi>{firstLine(wordsOf(body))}</bdi>
    </button>
  );
}
