import type { AppModel } from "../model/app-model.ts";
import { FIRST_ROOM } from "../model/route.ts";
import type { RoomModel } from "../model/room-model.ts";
import { Logo } from "./icons.tsx";

/** Says kindly why there is no room here, and leads to one. */
export function NotARoom(props: {
  readonly sentence: string;
  readonly model: AppModel;
  /** The room that the server closed to this page: its header stays, and it may be tried again. */
  readonly room: RoomModel | null;
}) {
  const { sentence, model, room } = props;
  const Title = room === null ? "h1" : "h2";
  const goHome = (event: Event): void => {
    event.preventDefault();
    model.goToRoom(FIRST_ROOM);
  };
  return (
    <main class={`still ${room === null ? "is-whole" : ""}`} data-region tabIndex={-1}>
      <Logo />
      <Title>{room === null ? "This door leads nowhere" : "This door is closed to you"}</Title>
      <p>{sentence}</p>
      {room !== null && (
        <button class="button" type="button" onClick={() => room.open()}>
          Try again
        </button>
      )}
      <a class="button is-main" href={model.roomAddress(FIRST_ROOM)} onClick={goHome}>
        Go to the lobby
      </a>
    </main>
  );
}
