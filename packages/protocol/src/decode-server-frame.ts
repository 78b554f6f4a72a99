import { bodyOf, mayHoldBytes } from "./body-json.ts";
import { changeBodies } from "./frame-bodies.ts";
import type { ReceivedFrame } from "./frame-encoding.ts";
import { readServerFrame, type DecodedServerFrame } from "./read-server-frame.ts";

/**
 * Reads one frame of a server (read-server-frame.ts), with the bytes of its bodies as bytes.
 *
 * @param received The text; or what an encoding has read, which is taken and kept.
 */
export function decodeServerFrame(received: ReceivedFrame): DecodedServerFrame {
  const decoded = readServerFrame(received);
  if (decoded.ok && typeof received === "string" && mayHoldBytes(received))
    changeBodies(decoded.frame, bodyOf);
  return decoded;
}
