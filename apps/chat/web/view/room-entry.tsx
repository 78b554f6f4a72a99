import type { AppModel } from "../model/app-model.ts";
import { roomLabel } from "../model/room-label.ts";
import type { ListedRoom } from "../model/room-watches.ts";
import { CloseIcon } from "./icons.tsx";

interface Props {
  readonly model: AppModel;
  readonly room: ListedRoom;
  /** It is the one that is open. */
  readonly isHere: boolean;
  readonly onGo: () => void;
}

/** One of your rooms: its name, and how much of it is unread. */
export function RoomEntry({ model, room, isHere, onGo }: Props) {
  const { name, unread } = room;
  const label = roomLabel(name);
  const isUnread = unread.count > 0 && !isHere;
  return (
    <li class={`room-entry ${isHere ? "is-here" : ""} ${isUnread ? "is-unread" : ""}`}>
      <a
        class="room-link"
        href={model.roomAddress(name)}
        aria-current={isHere ? "page" : undefined}
        title={label}
        onClick={(event) => {
          // A new tab is a new tab.
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          onGo();
        }}
      >
        <span class="room-label">
          <bdi>{label}</bdi>
        </span>
        {isUnread && (
          <span class={`badge ${unread.mentions > 0 ? "is-mention" : ""}`}>
            {unread.mentions > 0 && <span aria-hidden="true">@</span>}
            <span class="unseen">, </span>
            <span class="badge-count">{unread.text}</span>
            <span class="unseen">{unreadWords(unread.mentions)}</span>
          </span>
        )}
      </a>
      {!isHere && (
        <button
          class="room-forget"
          type="button"
          aria-label={`Take ${label} off the list`}
          title="Take it off the list"
          onClick={({ currentTarget }) => {
            const entry = currentTarget.parentElement;
            const beside = entry?.nextElementSibling ?? entry?.previousElementSibling;
            beside?.querySelector("a")?.focus();
            model.rooms.forget(name);
          }}
        >
          <CloseIcon />
        </button>
      )}
    </li>
  );
}

function unreadWords(mentions: number): string {
  if (mentions === 0) return " unread";
  return ` unread, ${mentions === 1 ? "one speaks" : `${mentions} speak`} to you`;
}
