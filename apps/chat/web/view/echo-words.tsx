import type { EchoState } from "../model/echoes.ts";
import type { RoomModel } from "../model/room-model.ts";
import { RefusedWords } from "./refused-words.tsx";

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
      return (
        <p class="echo">
          {echo.sentence}
          {echo.isAtModerator !== true && " It goes out again by itself."}
        </p>
      );
    case "refused": {
      const { sentence, mayBeSent } = echo;
      const words = `${mayBeSent ? "May have been sent" : "Not sent"}: ${sentence}`;
      return <RefusedWords words={words} id={id} room={room} />;
    }
  }
}
