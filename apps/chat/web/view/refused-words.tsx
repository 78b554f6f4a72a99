import type { RoomModel } from "../model/room-model.ts";

/** Why something of one's own will not go out by itself any more, and what can be done with it. */
export function RefusedWords(props: {
  readonly words: string;
  readonly id: string;
  readonly room: RoomModel;
  /** @default false: what surrounds it is marked already */
  readonly isFault?: boolean;
}) {
  const { words, id, room, isFault = false } = props;
  return (
    <div class={isFault ? "echo is-fault" : "echo"} role="alert">
      <p>{words}</p>
      <button class="button is-small" type="button" onClick={() => room.retry(id)}>
        Try again
      </button>
      <button class="button is-small" type="button" onClick={() => room.discard(id)}>
        Discard
      </button>
    </div>
  );
}
