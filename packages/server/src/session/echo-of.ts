import type { ClientFrame, Echo } from "@parlor/protocol";

/** What an answer repeats of a frame that was understood, by which its sender knows it again. */
export function echoOf(frame: ClientFrame): Echo {
  return {
    to: frame.type,
    ...("room" in frame ? { room: frame.room } : {}),
    ...("id" in frame && frame.id !== undefined ? { id: frame.id } : {}),
    ...(frame.type === "set" ? { key: frame.key } : {}),
    ...(frame.type === "publish" ? { seq: frame.seq } : {}),
    ...(frame.type === "publish" && frame.producer !== undefined ? { producer: frame.producer } : {}),
  };
}
