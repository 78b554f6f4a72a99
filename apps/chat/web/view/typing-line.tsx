import { useEffect } from "preact/hooks";
import type { AppModel } from "../model/app-model.ts";
import { followTyping } from "../model/followed-typing.ts";
import type { RoomModel } from "../model/room-model.ts";

/** Who is writing: in a part of its own, behind what somebody came for. Its line is kept free until then. */
export function TypingLine({ room, model }: { readonly room: RoomModel; readonly model: AppModel }) {
  useEffect(() => followTyping(room, model.client), [room, model]);
  const words = room.typing.value?.words.value ?? "";
  if (words === "") return null;
  return (
    <>
      <span class="typing-dots" aria-hidden="true" />
      <bdi>{words}</bdi>
    </>
  );
}
