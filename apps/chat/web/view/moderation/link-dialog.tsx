import { CodedError, systemClock } from "@parlor/base";
import type { LinkLook } from "@parlor/moderation/shapes";
import { useEffect, useState } from "preact/hooks";
import { LINK_KEY, type AppModel } from "../../model/app-model.ts";
import { followModeration } from "../../model/moderation/follow.ts";
import { errorWords, RIGHT_WORDS, untilWords } from "../../model/moderation/words.ts";
import { roomLabel } from "../../model/room-label.ts";
import { Dialog } from "../dialog.tsx";
import { useDeed } from "./use-deed.ts";

type Looked = LinkLook | { readonly fault: string; readonly hasEnded: boolean } | null;

/** Says what an opened link allows, and takes it where the person wants that. */
export function LinkDialog(props: { readonly model: AppModel; readonly onClose: () => void }) {
  const { model } = props;
  const [token] = useState(() => model.texts.read(LINK_KEY) ?? "");
  const [look, setLook] = useState<Looked>(null);
  const deed = useDeed();
  useEffect(() => {
    model.client.request<LinkLook>("moderation.look", { link: token }).then(setLook, (error: unknown) => {
      const hasEnded = error instanceof CodedError && error.code === "expired";
      setLook({ fault: errorWords(error), hasEnded });
    });
  }, [model, token]);
  const close = (): void => {
    model.texts.keep(LINK_KEY, "");
    props.onClose();
  };
  const accept = async (): Promise<void> => {
    if (look === null || "fault" in look) return;
    if (model.room.peek()?.name !== look.room) model.goToRoom(look.room);
    const room = model.room.peek();
    if (room !== null) await followModeration(room, model).accept(token);
  };
  if (look === null) {
    return (
      <Dialog title="A link" onClose={close}>
        <p aria-busy="true">Looking what it allows…</p>
      </Dialog>
    );
  }
  if ("fault" in look) {
    return (
      <Dialog title={look.hasEnded ? "This link has ended" : "This link opens nothing"} onClose={close}>
        <p>{look.fault}</p>
        <p class="hint">
          Whoever gave it to you can make another, under <b>This room</b>, Links.
        </p>
        <div class="dialog-buttons">
          <button class="button" type="button" onClick={close}>
            Close
          </button>
        </div>
      </Dialog>
    );
  }
  const end = look.expiresAt === null ? "" : untilWords(look.expiresAt, systemClock.now());
  return (
    <Dialog title={`${RIGHT_WORDS[look.right]} of ${roomLabel(look.room)}`} onClose={close}>
      <p>This link lets you:</p>
      <ul class="allows">
        {look.allows.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      <p class="hint">
        What you take now belongs to your key in this browser{end}. Whoever gave you the link can take it
        back.
      </p>
      <p class="fault" role="alert">
        {deed.fault}
      </p>
      <div class="dialog-buttons">
        <button class="button" type="button" onClick={close}>
          Not now
        </button>
        <button
          class="button is-main"
          type="button"
          disabled={deed.isUnderWay}
          onClick={() => deed.do(accept, close)}
        >
          Use this link
        </button>
      </div>
    </Dialog>
  );
}
