import { useLayoutEffect, useRef } from "preact/hooks";
import type { AppModel } from "../model/app-model.ts";
import { NameField } from "./name-field.tsx";

/** Asks for a name, above the composer and never in its way: one can talk as a guest at once. */
export function NameForm({ model }: { readonly model: AppModel }) {
  const field = useRef<HTMLInputElement>(null);
  const mode = model.nameForm.value;
  useLayoutEffect(() => {
    // Asked for by the person: they want to write into it. Shown by itself: it takes nobody's focus.
    if (mode === "wanted") field.current?.select();
  }, [mode]);
  if (mode === "closed") return null;

  const take = (event: Event): void => {
    event.preventDefault();
    model.chooseName(field.current?.value ?? "");
    document.getElementById("composer-text")?.focus();
  };
  const leave = (): void => {
    model.closeNameForm();
    document.getElementById("composer-text")?.focus();
  };
  return (
    <form class="notice name-form" onSubmit={take} onKeyDown={(event) => event.key === "Escape" && leave()}>
      <label class="name-label">
        <span>{mode === "wanted" ? "Your name" : "What should people call you?"}</span>
        <NameField field={field} chosen={model.chosenName.value} />
      </label>
      <span class="name-buttons">
        <button class="button is-main" type="submit">
          Save
        </button>
        <button class="button" type="button" onClick={leave}>
          {mode === "wanted" ? "Cancel" : "Stay a guest"}
        </button>
      </span>
    </form>
  );
}
