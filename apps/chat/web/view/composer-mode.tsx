import { useLayoutEffect, useRef } from "preact/hooks";
import type { AppModel } from "../model/app-model.ts";
import type { ComposingMode } from "../model/composing.ts";
import { addToDraft } from "../model/draft.ts";
import type { RoomModel } from "../model/room-model.ts";
import { useKeptComposing } from "./kept-composing.ts";

interface Props {
  readonly mode: ComposingMode;
  readonly room: RoomModel;
  readonly model: AppModel;
}

const EDITED_IS_GONE = "The message was deleted meanwhile.";
const KEPT = " What you wrote is kept as a new one.";

/**
 * Says that what is written answers a message or changes one, and how to leave it at that. A change that somebody
 * leaves for another room is there when they are back; of a message that is deleted meanwhile it becomes a new one,
 * for nothing that is written may be lost without a word.
 */
export function ComposerMode({ mode, room, model }: Props) {
  const bar = useRef<HTMLDivElement>(null);
  /** The change that stands in the field: the field is filled behind what is done here first. */
  const filled = useRef<ComposingMode>(null);
  const isGone = mode.kind !== "new" && isErased(room, mode.offset);
  useLayoutEffect(() => {
    const field = bar.current?.parentElement?.querySelector("textarea");
    if (mode.kind !== "edit" || field === null || field === undefined) return;
    const written = filled.current === mode ? field.value : (mode.written ?? mode.text);
    filled.current = mode;
    if (isGone) {
      const isChanged = written.trim() !== "" && written !== mode.text;
      if (isChanged) addToDraft(model.texts, room.name, [written]);
      return room.composing.begin({ kind: "new", because: EDITED_IS_GONE + (isChanged ? KEPT : "") });
    }
    return () => {
      if (room.composing.mode.peek() === mode) room.composing.begin({ ...mode, written: field.value });
    };
  }, [mode, isGone, room, model]);
  useKeptComposing(mode, room, model, () => bar.current?.parentElement?.querySelector("textarea"));
  return (
    <div ref={bar} class="composer-mode">
      <p role="status">{words(mode, isGone)}</p>
      <button
        class="button is-small"
        type="button"
        title={mode.kind === "new" ? undefined : "Escape"}
        onClick={() => room.composing.end()}
      >
        {mode.kind === "new" ? "Close" : "Cancel"}
      </button>
    </div>
  );
}

function words(mode: ComposingMode, isGone: boolean) {
  if (mode.kind === "new") return mode.because;
  if (mode.kind === "edit") return "Changing your message";
  if (isGone) return "Replying to a message that is gone";
  return (
    <>
      Replying to <bdi class="quote-name">{mode.name}</bdi> <bdi class="quote-text">{mode.text}</bdi>
    </>
  );
}

function isErased(room: RoomModel, offset: number): boolean {
  const now = room.quoted(offset);
  return typeof now !== "string" && now.body.kind === "erased";
}
