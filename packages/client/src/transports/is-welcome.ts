import type { ReceivedFrame } from "@parlor/protocol";
import { readJsonObject } from "./json-object.ts";

/** Whether a frame is the server's `welcome`, without reading more of it. */
export function isWelcome(frame: ReceivedFrame): boolean {
  return (typeof frame === "string" ? readJsonObject(frame) : frame)["type"] === "welcome";
}
