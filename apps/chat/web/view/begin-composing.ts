import { GUEST } from "../model/display-name.ts";
import { wordsOf } from "../model/message-body.ts";
import { canEdit, type RoomModel } from "../model/room-model.ts";
import type { MessageRow } from "../model/rows.ts";
import { firstLine } from "./quote.tsx";

export function beginReply({ offset, body }: MessageRow, room: RoomModel): void {
  if (offset === null || body.kind === "erased") return;
  const name = (body.kind === "text" ? body.name : null) ?? GUEST;
  room.composing.begin({ kind: "reply", offset, name, text: firstLine(wordsOf(body)) });
}

export function beginEdit(row: MessageRow, room: RoomModel): void {
  if (row.offset === null || row.body.kind !== "text" || !canEdit(row)) return;
  room.composing.begin({ kind: "edit", offset: row.offset, text: row.body.text });
}
