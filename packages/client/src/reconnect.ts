import {
  BASE_RETRY_MS,
  MAX_HIDDEN_RETRY_MS,
  MAX_RETRY_MS,
  MAX_TIMER_MS,
  SUSPICIOUS_FAILURES,
} from "./bounds.ts";
import { fullJitterMs, type Random } from "@parlor/base";
import type { TransportClose } from "./transports/transport.ts";

/** How long to wait before a try, from 1; the server's own time replaces the drawn one. */
export function retryDelayMs(
  attempt: number,
  serverMs: number | undefined,
  random: Random,
  isHidden = false,
): number {
  const backoff = { baseMs: BASE_RETRY_MS, maxMs: isHidden ? MAX_HIDDEN_RETRY_MS : MAX_RETRY_MS };
  return serverMs ?? Math.round(fullJitterMs(attempt - 1, backoff, random));
}

/** The `retryAfterMs` of an answer; undefined where it is no time that one can wait. */
export function retryAfterOf(answer: { readonly retryAfterMs?: unknown } | null): number | undefined {
  const value = answer?.retryAfterMs;
  return typeof value === "number" && value >= 0 ? Math.min(value, MAX_TIMER_MS) : undefined;
}

/** Whether the same question may get another answer after this code. */
export function isTemporary(code: string): boolean {
  return TEMPORARY.has(code);
}

const TEMPORARY: ReadonlySet<string> = new Set([
  "rate-limited",
  "unavailable",
  "draining",
  "internal",
  "deadline",
  "too-many-connections",
]);

/**
 * Why the connection is gone, as a sentence for people. `failures` counts the tries in a row that ended
 * before a welcome; 0 where this connection was welcomed.
 */
export function lossReason({ code, reason }: TransportClose, failures: number, isOffline: boolean): string {
  const words = reason && ` (${reason})`;
  if (isOffline) return "This device is offline.";
  if (code === 1001) return "The server is restarting.";
  if (code !== 1002 && code !== 1006) return `The server closed with code ${code}${words}.`;
  if (failures === 0) return `The connection broke off${words}.`;
  if (failures < SUSPICIOUS_FAILURES) return `The server could not be reached${words}.`;
  // A browser does not tell a refused upgrade from a server that is not there.
  return (
    `The server could not be reached in ${failures} tries${words}: it is down, or connections to it are ` +
    "refused on the way."
  );
}

/** The code for a close that is for good, where no frame named one. */
export function finalCode(closeCode: number): string {
  return ["version", "forbidden", "unauthenticated"][closeCode - 4500] ?? "refused";
}
