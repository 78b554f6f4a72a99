import { isReservedRoom } from "@parlor/protocol";
import type { Refusal } from "./hooks.ts";

/** `@<identity>` is read by that identity alone; null where `identity` may read. */
export function reservedRefusal(room: string, identity: string | null): Refusal | null {
  if (!isReservedRoom(room) || room === `@${identity}`) return null;
  return { code: "forbidden", message: "A room whose name begins with @ is read by that identity alone." };
}
