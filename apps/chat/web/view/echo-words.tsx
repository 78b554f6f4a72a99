import type { EchoState } from "../model/echoes.ts";
import type { RoomModel } from "../model/room-model.ts";

/** Why one's own words are not in the room yet, and what can be done. That they wait is a sign, not words. */
export function EchoWords(props: {
  readonly echo: EchoState;
  readonly id: string;
  readonly room: RoomModel;
}) {
  const { echo, id, room } = props;
  switch (echo.kind) {
    case "settled":
    case "waiting":
      return null;
    case "held":
      return <p class="echo">{echo.sentence} It goes out again by itself.</p>;
    case "refused":
      return (
        <div class="echo" role="alert">
          <p>Not sent: {echo.sentence}</p>
          <button class="button is-small" type="button" onClick={() => room.retry(id)}>
            Try again
          </button>
          <button class="button is-small" type="button" onClick={() => room.discard(id)}>
            Discard
          </button>
        </div>
      );
  }
}
