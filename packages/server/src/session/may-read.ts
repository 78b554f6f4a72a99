import { askAuthorize } from "./ask-hooks.ts";
import type { Refusal } from "./hooks.ts";
import { reservedRefusal } from "./reserved-room.ts";
import type { Services } from "./services.ts";

/** Who asks, and from where. */
export interface Asker {
  readonly identity: string;
  readonly address: string;
}

/** Why an identity may not read what a room holds; null where it may. */
export async function mayRead(
  { identity, address }: Asker,
  room: string,
  services: Services,
): Promise<Refusal | null> {
  const reserved = reservedRefusal(room, identity);
  if (reserved !== null) return reserved;
  const question = { identity, action: "history", room, address } as const;
  const verdict = await askAuthorize(services.authorize, question, services);
  return verdict === true ? null : verdict;
}
