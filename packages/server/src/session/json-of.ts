import { CodedError } from "@parlor/base";
import { bodyToJson, MAX_NESTING, parseJson } from "@parlor/protocol";
import { faultText } from "../room/logger.ts";

/**
 * What a body is as JSON.
 * @throws {CodedError} `bad-frame` where JSON can't say it or no peer could take it, `too-large` above `maxBytes`.
 */
export function jsonOf(body: unknown, maxBytes: number): string {
  let bodyJson: string | undefined;
  try {
    bodyJson = bodyToJson(body);
  } catch (fault) {
    throw new CodedError("bad-frame", `JSON can't say this body: ${faultText(fault)}`, { cause: fault });
  }
  if (bodyJson === undefined) throw new CodedError("bad-frame", "A body is what JSON can say; this is not.");
  if (Buffer.byteLength(bodyJson) > maxBytes) {
    throw new CodedError("too-large", `The body is over ${maxBytes} bytes of JSON.`);
  }
  // Read back, since no peer could take a body that is nested deeper than a frame may be.
  const parsed = parseJson(bodyJson, MAX_NESTING - 1);
  if (!parsed.ok) throw new CodedError("bad-frame", `The body has ${parsed.fault}.`);
  return bodyJson;
}
