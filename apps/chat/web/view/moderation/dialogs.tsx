import type { AppModel, OpenDialog } from "../../model/app-model.ts";
import { LinkDialog } from "./link-dialog.tsx";
import { ModerateDialog } from "./moderate-dialog.tsx";
import { ReportDialog } from "./report-dialog.tsx";
import { RoomDialog } from "./room-dialog.tsx";

/** The dialogs of a room's moderation, loaded when the first of them is opened. */
export function ModerationDialog(props: {
  readonly model: AppModel;
  readonly dialog: Extract<OpenDialog, { readonly kind: "link" | "room" } | { readonly offset: number }>;
  readonly onClose: () => void;
}) {
  const { model, dialog, onClose } = props;
  const room = model.room.value;
  if (dialog.kind === "link") return <LinkDialog model={model} onClose={onClose} />;
  if (room === null) return null;
  const shared = { model, room, onClose };
  if (!("offset" in dialog)) return <RoomDialog key={room.name} {...shared} />;
  const about = { offset: dialog.offset, from: dialog.from };
  return dialog.kind === "report" ? (
    <ReportDialog {...shared} {...about} />
  ) : (
    <ModerateDialog {...shared} {...about} />
  );
}
