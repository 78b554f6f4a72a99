import { CodedError } from "@parlor/base";
import { faultText } from "../room/logger.ts";
import type { Refusal } from "./hooks.ts";
import type { Services } from "./services.ts";

/** When to try again after the log refused, unless it says so itself, ms. */
const RETRY_MS = 1_000;

/**
 * What a peer is told of an error: the log's own sentence where it can't serve now, and `internal`, with
 * the fault in the server's log only, for anything else.
 */
export function refusalOf(error: unknown, services: Services): Refusal {
  if (error instanceof CodedError && error.code === "unavailable") {
    return { code: "unavailable", message: error.message, retryAfterMs: error.retryAfterMs ?? RETRY_MS };
  }
  services.counters.internalFaults += 1;
  services.logger.error("A request met a fault of the server.", { fault: faultText(error) });
  return { code: "internal", message: "A fault of the server; it is in its log.", retryAfterMs: RETRY_MS };
}
