import { CodedError } from "@parlor/base";
import type { Failure } from "./effects.ts";

/** A failure as applications catch it. */
export function errorOf(failure: Failure): CodedError {
  const { code, message, retryAfterMs } = failure;
  return new CodedError(code, message, retryAfterMs === undefined ? {} : { retryAfterMs });
}
