import { askAuthorize } from "./ask-hooks.ts";
import type { Refusal } from "./hooks.ts";
import { reservedRefusal } from "./reserved-room.ts";
import type { Services } from "./services.ts";

/** Why an identity may not read what a room holds; null where it may. */
export async function mayRead(identity: string, room: string, services: Services): Promise<Refusal | null> {
  const reserved = reservedRefusal(room, identity);
  if (reserved !== null) return reserved;
  const verdict = await askAuthorize(services.authorize, { identity, action: "history", room }, services);
  return verdict === true ? null : verdict;
}
