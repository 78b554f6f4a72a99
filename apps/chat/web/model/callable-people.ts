import type { AppModel } from "./app-model.ts";
import type { Callable } from "./completion.ts";
import { identityMark } from "./identity-mark.ts";
import type { RoomModel } from "./room-model.ts";

/** Who can be called in a room: who spoke last first, then who else is there; oneself not. */
export function callablePeople(model: AppModel, room: RoomModel): readonly Callable[] {
  const self = model.self.value.identity;
  const people = new Map<string, Callable>();
  const add = (identity: string | null, name: string | null): void => {
    if (identity === null || name === null || identity === self || people.has(identity)) return;
    people.set(identity, { identity, name, tag: identityMark(identity).tag });
  };
  for (const row of room.rows.value.toReversed()) {
    if (row.kind === "message" && row.body.kind === "text") add(row.from, row.body.name);
  }
  for (const { identity, name } of model.people.present.value.people ?? []) add(identity, name);
  return [...people.values()];
}
