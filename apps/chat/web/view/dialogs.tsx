import type { AppModel } from "../model/app-model.ts";
import { FindDialog } from "./find-dialog.tsx";
import { KeyDialog } from "./key-dialog.tsx";
import { KeysDialog } from "./keys-dialog.tsx";
import { YouDialog } from "./you-dialog.tsx";

/** The one dialog that is open, if any. */
export function Dialogs({ model }: { readonly model: AppModel }) {
  const dialog = model.dialog.value;
  const close = (): void => model.closeDialog();
  switch (dialog?.kind) {
    case "keys":
      return <KeysDialog onClose={close} />;
    case "find":
      return <FindDialog model={model} onClose={close} />;
    case "you":
      return <YouDialog model={model} onClose={close} />;
    case "key":
      return <KeyDialog model={model} brought={dialog.brought} onClose={close} />;
    case undefined:
      return null;
  }
}
