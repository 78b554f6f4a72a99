import type { AppModel } from "../model/app-model.ts";
import { KeysDialog } from "./keys-dialog.tsx";
import { YouDialog } from "./you-dialog.tsx";

/** The one dialog that is open, if any. */
export function Dialogs({ model }: { readonly model: AppModel }) {
  const close = (): void => model.closeDialog();
  switch (model.dialog.value) {
    case "keys":
      return <KeysDialog onClose={close} />;
    case "you":
      return <YouDialog model={model} onClose={close} />;
    case null:
      return null;
  }
}
