import type { RoomModel } from "../model/room-model.ts";

/** Who is writing. Its line is there always, so that nothing moves when they begin and end. */
export function TypingLine({ room }: { readonly room: RoomModel }) {
  const words = room.typing.words.value;
  return (
    <p class="typing">
      {words !== "" && (
        <>
          <span class="typing-dots" aria-hidden="true" />
          <bdi>{words}</bdi>
        </>
      )}
    </p>
  );
}
