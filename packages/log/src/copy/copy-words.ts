import { CodedError } from "@parlor/base";

export function quoted(room: string): string {
  return JSON.stringify(room);
}

/** A room of the target is not what an earlier copy made of the source's. */
export function otherHistory(words: string): CodedError {
  return new CodedError("other-history", words);
}
