import { useRef, useState } from "preact/hooks";
import type { AppModel } from "../model/app-model.ts";
import { roomLabel } from "../model/room-label.ts";
import { searchRooms } from "../model/room-search.ts";
import type { ListedRoom } from "../model/room-watches.ts";
import { DoorIcon, Logo, SearchIcon } from "./icons.tsx";
import { RoomEntry } from "./room-entry.tsx";
import { You } from "./you.tsx";

/**
 * Your rooms, and the way to any other: what is typed narrows the list down, and names a room to go to.
 * Rooms need not be made: whoever comes first is simply the first.
 */
export function RoomsPanel({ model, onGone }: { readonly model: AppModel; readonly onGone: () => void }) {
  const [typed, setTyped] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const here = model.room.value?.name ?? null;
  const { listed } = model.rooms;
  const found = searchRooms(listed.value, typed);
  const wanted = typed.trim().normalize("NFC");
  const isNew = wanted !== "" && !found.some(({ name }) => name === wanted);

  const go = (name: string): void => {
    const wrong = model.goToRoom(name);
    setFault(wrong);
    if (wrong !== null) return;
    setTyped("");
    onGone();
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    go(roomMeant(listed.peek(), field.current?.value ?? ""));
  };
  const handleKey = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown") {
      event.preventDefault();
      list.current?.querySelector("a")?.focus();
    } else if (event.key === "Escape" && typed !== "") {
      event.preventDefault();
      setTyped("");
      setFault(null);
    }
  };
  return (
    <>
      <div class="panel-head brand">
        <Logo />
        <span class="brand-name">Parlor</span>
      </div>
      <form class="search" role="search" onSubmit={submit}>
        <SearchIcon />
        <input
          id="room-search"
          ref={field}
          type="text"
          aria-label="Find a room, or go to one"
          placeholder="Find or go to a room"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          enterkeyhint="go"
          dir="auto"
          aria-describedby="room-search-fault"
          aria-invalid={fault !== null}
          value={typed}
          onInput={(event) => {
            setTyped(event.currentTarget.value);
            setFault(null);
          }}
          onKeyDown={handleKey}
        />
      </form>
      <p id="room-search-fault" class="fault search-fault" role="alert">
        {fault}
      </p>
      <ul ref={list} class="rooms" onKeyDown={(event) => walk(event)}>
        {found.map((room) => (
          <RoomEntry
            key={room.name}
            model={model}
            room={room}
            isHere={room.name === here}
            onGo={() => go(room.name)}
          />
        ))}
        {isNew && found.length === 0 && (
          <li key="?" class="panel-note">
            None of your rooms is called so. Any name is a room: go there, and you are in.
          </li>
        )}
        {isNew && (
          <li key="+" class="room-entry is-new">
            <a
              class="room-link"
              href={model.roomAddress(wanted)}
              onClick={(event) => {
                event.preventDefault();
                go(wanted);
              }}
            >
              <DoorIcon />
              <span class="room-label">
                Go to <bdi>{roomLabel(wanted)}</bdi>
              </span>
            </a>
          </li>
        )}
      </ul>
      <p class="unseen" role="status">
        {typed === "" ? "" : foundWords(found)}
      </p>
      <You model={model} />
    </>
  );
}

/** The room that Enter leads to: what stands in the field counts, however late the list is drawn. */
function roomMeant(listed: readonly ListedRoom[], typed: string): string {
  const wanted = typed.trim().normalize("NFC");
  const first = searchRooms(listed, typed)[0]?.name;
  const begun = wanted.replace(/^#+(?=.)/u, "").toLocaleLowerCase();
  const isBegun = first?.toLocaleLowerCase().startsWith(begun) === true;
  return isBegun && wanted !== "" ? first : wanted;
}

function foundWords(found: readonly ListedRoom[]): string {
  return found.length === 1 ? "1 of your rooms" : `${found.length} of your rooms`;
}

/** Up and down walk the list, out of it at the top into the field. */
function walk(event: KeyboardEvent): void {
  if (event.altKey || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
  const links = [...(event.currentTarget as HTMLElement).querySelectorAll("a")];
  const at = links.findIndex((link) => link === document.activeElement);
  if (at === -1) return;
  event.preventDefault();
  const next = links[at + (event.key === "ArrowDown" ? 1 : -1)];
  (next ?? (event.key === "ArrowUp" ? document.getElementById("room-search") : null))?.focus();
}
