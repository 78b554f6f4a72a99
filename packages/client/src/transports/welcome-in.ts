import type { ReceivedFrame } from "@parlor/protocol";
import { readJsonObject } from "./json-object.ts";

/** The members of a server's `welcome`, unread; null where the frame is another. */
export function welcomeIn(frame: ReceivedFrame): Readonly<Record<string, unknown>> | null {
  const members = typeof frame === "string" ? readJsonObject(frame) : frame;
  return members["type"] === "welcome" ? members : null;
}
