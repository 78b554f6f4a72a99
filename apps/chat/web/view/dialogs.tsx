import type { AppModel, OpenDialog } from "../model/app-model.ts";
import { FindDialog } from "./find-dialog.tsx";
import { BrokenKeyDialog, KeyDialog } from "./key-dialog.tsx";
import { KeysDialog } from "./keys-dialog.tsx";
import { Loaded } from "../model/loaded.ts";
import { YouDialog } from "./you-dialog.tsx";

const moderationDialogs = new Loaded(() => import("./moderation/dialogs.tsx"));

/** The one dialog that is open, if any. */
export function Dialogs({ model }: { readonly model: AppModel }) {
  const dialog = model.dialog.value;
  if (dialog === null) return null;
  // Each has an element of its own, and ends nothing but itself: a browser tells that one was closed a moment later,
  // and whoever types on may have opened the next.
  return <Opened key={dialog} model={model} dialog={dialog} onClose={() => model.closeDialog(dialog)} />;
}

function Opened(props: {
  readonly model: AppModel;
  readonly dialog: OpenDialog;
  readonly onClose: () => void;
}) {
  const { model, dialog, onClose } = props;
  switch (dialog.kind) {
    case "keys":
      return <KeysDialog onClose={onClose} />;
    case "find":
      return <FindDialog model={model} onClose={onClose} />;
    case "you":
      return <YouDialog model={model} onClose={onClose} />;
    case "key": {
      const { brought } = dialog;
      if (brought === null) return <BrokenKeyDialog onClose={onClose} />;
      return <KeyDialog model={model} brought={brought} onClose={onClose} />;
    }
    case "link":
    case "room":
    case "report":
    case "moderate": {
      const part = moderationDialogs.value;
      return part === null ? null : <part.ModerationDialog model={model} dialog={dialog} onClose={onClose} />;
    }
  }
}
