import { isJsonObject, type JsonObject, type Message } from "@parlor/protocol";

/** The identity of the server's own code: no peer can have it. */
export const SERVER = "@server";

/** By whom a message is deleted that a moderator removed. No identity is called that. */
export const BY_ACT = "@act";

/** The act of a moderator that a message tells of; null where it tells of none. Only the server can say so. */
export function actOf({ from, body }: Message): JsonObject | null {
  if (from !== SERVER || !isJsonObject(body)) return null;
  const { act } = body;
  return isJsonObject(act) ? act : null;
}
