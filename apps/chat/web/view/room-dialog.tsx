import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { AppModel } from "../model/app-model.ts";
import { connectionWords } from "../model/connection-words.ts";

/** Asks for a room by its name. Rooms need not be made: whoever comes first is simply the first. */
export function RoomDialog({ model, onClose }: { readonly model: AppModel; readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const [fault, setFault] = useState<string | null>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);

  const go = (event: Event): void => {
    event.preventDefault();
    const wrong = model.goToRoom(field.current?.value ?? "");
    if (wrong === null) dialog.current?.close();
    else setFault(wrong);
  };
  // Here it is said on a phone, too, where the dot has no room for words.
  const { word, way } = connectionWords(model.connection.sign.value, model.connection.transport.value);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby="room-dialog-title"
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
    >
      <form class="dialog-form" onSubmit={go}>
        <h2 id="room-dialog-title">Go to a room</h2>
        <p id="room-dialog-hint" class="hint">
          Any name will do. If nobody was there before, you are the first.
        </p>
        <label class="field">
          <span>Room name</span>
          <input
            ref={field}
            name="room"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            enterkeyhint="go"
            aria-describedby="room-dialog-hint room-dialog-fault"
            aria-invalid={fault !== null}
            onInput={() => setFault(null)}
          />
        </label>
        <p id="room-dialog-fault" class="fault" role="alert">
          {fault}
        </p>
        <p class="hint">{`${word} ${way}`.trim()}.</p>
        <div class="dialog-buttons">
          <button class="button" type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button class="button is-main" type="submit">
            Go
          </button>
        </div>
      </form>
    </dialog>
  );
}
