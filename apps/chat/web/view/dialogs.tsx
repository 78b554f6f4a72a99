import type { AppModel } from "../model/app-model.ts";
import { FindDialog } from "./find-dialog.tsx";
import { KeyDialog } from "./key-dialog.tsx";
import { KeysDialog } from "./keys-dialog.tsx";
import { Loaded } from "../model/loaded.ts";
import { YouDialog } from "./you-dialog.tsx";

const moderationDialogs = new Loaded(() => import("./moderation/dialogs.tsx"));

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
    case "link":
    case "room":
    case "report":
    case "moderate": {
      const part = moderationDialogs.value;
      return part === null ? null : <part.ModerationDialog model={model} dialog={dialog} onClose={close} />;
    }
    case undefined:
      return null;
  }
}
