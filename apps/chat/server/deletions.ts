import { isJsonObject } from "@parlor/protocol";

/** Whether a body is a deletion (docs/messages.md): the text that it is about is then erased from the log, too. */
export function isDeletion(body: unknown): boolean {
  return isJsonObject(body) && body["delete"] === true;
}
