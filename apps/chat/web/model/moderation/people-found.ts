import type { AppModel } from "../app-model.ts";
import { identityMark } from "../identity-mark.ts";
import type { RoomModel } from "../room-model.ts";

export interface FoundPerson {
  readonly identity: string;
  readonly name: string | null;
  /** Of what they said last. */
  readonly offset: number;
}

const MAX_FOUND = 10;

/** Who spoke in the room and whose name has that in it, or whose tag begins so; who spoke last first, oneself not. */
export function peopleFound(model: AppModel, room: RoomModel, wanted: string): readonly FoundPerson[] {
  const self = model.self.value.identity;
  const found = new Map<string, FoundPerson>();
  const looked = wanted.trim().toLocaleLowerCase();
  for (const row of room.rows.value.toReversed()) {
    if (row.kind !== "message" || row.from === null || row.offset === null) continue;
    const { from: identity, offset, body } = row;
    if (identity === self || identity.startsWith("@") || found.has(identity)) continue;
    const name = body.kind === "text" ? body.name : null;
    const isMeant =
      name?.toLocaleLowerCase().includes(looked) === true || identityMark(identity).tag.startsWith(looked);
    if (isMeant) found.set(identity, { identity, name, offset });
    if (found.size >= MAX_FOUND) break;
  }
  return [...found.values()];
}
