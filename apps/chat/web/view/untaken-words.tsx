import type { MessageRow } from "../model/rows.ts";
import type { RoomModel } from "../model/room-model.ts";
import { ChangeWords } from "./change-words.tsx";
import { EchoWords } from "./echo-words.tsx";

/** What there is to say of one's own that is not in the room: the message, or what one changed about it. */
export function UntakenWords({ row, room }: { readonly row: MessageRow; readonly room: RoomModel }) {
  const { echo, change, key } = row;
  return (
    <>
      {echo !== null && <EchoWords echo={echo} id={key} room={room} />}
      {change !== null && <ChangeWords change={change} room={room} />}
    </>
  );
}
