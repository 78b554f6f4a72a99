import type { AppModel } from "../model/app-model.ts";
import { roomLabel } from "../model/room-label.ts";
import { ConnectionDot } from "./connection-dot.tsx";
import { CopyLink } from "./copy-link.tsx";
import { HelpIcon, MenuIcon, PeopleIcon, SearchIcon } from "./icons.tsx";
import { moderationSigns } from "./later-parts.ts";
import type { Layout } from "./use-layout.ts";

/** Where one is, how the connection stands, and the ways to what stands beside the talk. */
export function Header(props: {
  readonly model: AppModel;
  readonly room: string | null;
  readonly layout: Layout;
}) {
  const { model, room, layout } = props;
  const signs = moderationSigns.drawn;
  const count = model.people.present.value.count;
  return (
    <header class="head" data-region tabIndex={-1} aria-label="Room">
      <div class="head-place">
        {!layout.isRoomsBeside && (
          <button
            class="button is-bare"
            type="button"
            aria-haspopup="dialog"
            onClick={() => layout.open("rooms")}
          >
            <MenuIcon />
            <span class="unseen">Rooms</span>
            <UnreadElsewhere model={model} />
          </button>
        )}
        {room !== null && (
          <>
            <h1 class="room-name" title={roomLabel(room)}>
              <bdi>{roomLabel(room)}</bdi>
            </h1>
            <CopyLink key={room} address={model.roomAddress(room)} />
            {signs !== null && <signs.RoomButton model={model} />}
          </>
        )}
      </div>
      <div class="head-tools">
        {room !== null && (
          <>
            <ConnectionDot model={model} />
            <button
              class="button is-bare people-button"
              type="button"
              aria-expanded={layout.isPeopleBeside ? layout.isPeopleOpen : undefined}
              aria-haspopup={layout.isPeopleBeside ? undefined : "dialog"}
              onClick={() => layout.togglePeople()}
            >
              <PeopleIcon />
              <span class="people-number">{count === null ? "" : count.toLocaleString()}</span>
              <span class="unseen">{count === 1 ? " person here" : " people here"}</span>
            </button>
          </>
        )}
        <button
          class="button is-bare"
          type="button"
          title="Find messages (/)"
          aria-haspopup="dialog"
          onClick={() => model.openDialog({ kind: "find" })}
        >
          <SearchIcon />
          <span class="unseen">Find messages</span>
        </button>
        <button
          class="button is-bare help-button"
          type="button"
          title="Keys (?)"
          aria-haspopup="dialog"
          onClick={() => model.openDialog({ kind: "keys" })}
        >
          <HelpIcon />
          <span class="unseen">Keys</span>
        </button>
      </div>
    </header>
  );
}

/** A dot on the way to the list, while the list is out of sight. */
function UnreadElsewhere({ model }: { readonly model: AppModel }) {
  const here = model.room.value?.name;
  const others = model.rooms.listed.value.filter(({ name, unread }) => name !== here && unread.count > 0);
  if (others.length === 0) return null;
  const speaks = others.some(({ unread }) => unread.mentions > 0);
  return (
    <span class={`unread-dot ${speaks ? "is-mention" : ""}`}>
      <span class="unseen">{speaks ? ", somebody speaks to you" : ", something is unread"}</span>
    </span>
  );
}
