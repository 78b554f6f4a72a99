import { effect } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import type { AppModel } from "../model/app-model.ts";
import { composingKey, type ComposingMode } from "../model/composing.ts";
import { addToDraft } from "../model/draft.ts";
import type { RoomModel } from "../model/room-model.ts";

/** How long one may go on writing before it is kept, ms. */
const KEEP_AFTER_MS = 400;

const CANT_BE_CHANGED = "That message can't be changed any more. What you wrote is kept as a new one.";

/** What the field was for, and of whom and which history that was said. */
interface Kept {
  readonly epoch: string | null;
  readonly identity: string | null;
  readonly mode: Exclude<ComposingMode, { readonly kind: "new" }>;
}

/**
 * Keeps what the field is for, and what is written into a change, for this tab: a page that is loaded anew goes on
 * there. Others are told nothing of it, for what two tabs change of one message would be the later one's.
 */
export function useKeptComposing(
  mode: ComposingMode,
  room: RoomModel,
  model: AppModel,
  fieldOf: () => HTMLTextAreaElement | null | undefined,
): void {
  useLayoutEffect(() => {
    const field = fieldOf();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const keep = (): void => {
      clearTimeout(timer);
      timer = undefined;
      const now = room.composing.mode.peek();
      keepComposing(now.kind === "edit" && field ? { ...now, written: field.value } : now, room, model);
    };
    const keepSoon = (): void => {
      timer ??= setTimeout(keep, KEEP_AFTER_MS);
    };
    // What a change begins with stands in the field a moment later.
    keepComposing(mode, room, model);
    field?.addEventListener("input", keepSoon);
    addEventListener("pagehide", keep);
    document.addEventListener("visibilitychange", keep);
    return () => {
      clearTimeout(timer);
      field?.removeEventListener("input", keepSoon);
      removeEventListener("pagehide", keep);
      document.removeEventListener("visibilitychange", keep);
      keepComposing(room.composing.mode.peek(), room, model);
    };
  }, [mode, room, model]);
}

function keepComposing(mode: ComposingMode, room: RoomModel, model: AppModel): void {
  const { epoch } = room.timeline.peek();
  const { identity } = model.self.peek();
  const text = mode.kind === "new" ? "" : JSON.stringify({ epoch, identity, mode } satisfies Kept);
  model.texts.keepInTab(composingKey(room.name), text);
}

/** Goes on with what was kept, once it is known whose it is and of which history; of another it becomes the draft. */
export function resumeComposing(room: RoomModel, model: AppModel): void {
  const kept = readKept(model.texts.read(composingKey(room.name)) ?? "");
  if (kept === null) return;
  effect(function () {
    const { epoch } = room.timeline.value;
    const { identity } = model.self.value;
    if (epoch === null || identity === null) return;
    this.dispose();
    const { mode } = kept;
    // Begun anew in the meantime.
    if (room.composing.mode.peek().kind !== "new") return;
    if (kept.epoch === epoch && kept.identity === identity) return room.composing.begin(mode);
    const written = mode.kind === "edit" ? (mode.written ?? mode.text) : mode.text;
    const isChanged = mode.kind === "edit" && written.trim() !== "" && written !== mode.text;
    keepComposing({ kind: "new" }, room, model);
    if (!isChanged) return;
    addToDraft(model.texts, room.name, [written]);
    room.composing.begin({ kind: "new", because: CANT_BE_CHANGED });
  });
}

function readKept(text: string): Kept | null {
  try {
    const kept = JSON.parse(text) as Kept;
    const { kind, offset, text: said } = kept.mode;
    return (kind === "edit" || kind === "reply") && Number.isInteger(offset) && typeof said === "string"
      ? kept
      : null;
  } catch {
    // Nothing, or of another release.
    return null;
  }
}
