import { useRef } from "preact/hooks";
import type { AppModel } from "../model/app-model.ts";
import { MAX_NAME_CHARACTERS } from "../model/display-name.ts";
import { Author } from "./author.tsx";
import { Dialog } from "./dialog.tsx";

/** One's name, and what one is told apart by. */
export function YouDialog({ model, onClose }: { readonly model: AppModel; readonly onClose: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  const save = (event: Event): void => {
    event.preventDefault();
    model.chooseName(field.current?.value ?? "");
    model.closeDialog();
  };
  return (
    <Dialog title="You" onClose={onClose}>
      <form class="you-form" onSubmit={save}>
        <label class="field">
          <span>Your name</span>
          <input
            ref={field}
            name="name"
            defaultValue={model.chosenName.value ?? ""}
            maxLength={MAX_NAME_CHARACTERS}
            placeholder="Guest"
            autocomplete="nickname"
            enterkeyhint="done"
            dir="auto"
          />
        </label>
        <button class="button is-main" type="submit">
          Save
        </button>
      </form>
      <p class="you-mark">
        <Author identity={model.self.value.identity} name={model.name} isOwn={false} />
      </p>
      <p class="hint">
        Colour, seal and tag come from a secret key that this browser keeps. Anybody may take your name, but
        nobody has your tag.
      </p>
    </Dialog>
  );
}
