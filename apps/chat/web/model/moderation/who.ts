import type { AppModel } from "../app-model.ts";
import { shownMessage } from "../message-body.ts";
import type { RoomModel } from "../room-model.ts";
import { shownRun } from "../timeline.ts";

/** The name that an identity goes by here: as it is in the room, or as it last spoke; null where neither is known. */
export function nameOf(identity: string, model: AppModel, room: RoomModel): string | null {
  if (identity === model.self.value.identity) return model.name;
  const present = model.people.present.value.people?.find((person) => person.identity === identity);
  if (present?.name !== undefined && present.name !== null) return present.name;
  const timeline = room.timeline.value;
  for (const run of [timeline.live, shownRun(timeline)]) {
    const said = run?.messages.findLast(({ from, redacted }) => from === identity && redacted !== true);
    const body = said === undefined ? null : shownMessage(said);
    if (body?.kind === "text" && body.name !== null) return body.name;
  }
  return null;
}
