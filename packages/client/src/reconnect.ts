import { fullJitterMs, type Random } from "@parlor/base";
import { CLOSE_CODES } from "@parlor/protocol";
import type { TransportClose } from "./transports/transport.ts";

/** The wait before try n (from 0) is drawn evenly from 0 to min(20 s, 0.5 s × 2ⁿ). */
const BACKOFF = { baseMs: 500, maxMs: 20_000 };

/** A connection that lasted this long clears the count of tries, so that one which is cut at once can't loop hot. */
export const STABLE_AFTER_MS = 5_000;

/** Timers keep 31 bits; a longer wait would run out at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Failures before a welcome after which the reason says what a browser hides. */
const SUSPICIOUS_FAILURES = 3;

/** How long to wait before a try; the server's own time replaces the drawn one. `attempt` counts from 1. */
export function retryDelayMs(attempt: number, serverMs: number | undefined, random: Random): number {
  return serverMs ?? Math.round(fullJitterMs(attempt - 1, BACKOFF, random));
}

/** A `retryAfterMs` as it came off the wire; undefined where it is no time that one can wait. */
export function retryAfterOf(value: unknown): number | undefined {
  return typeof value === "number" && value >= 0 ? Math.min(value, MAX_TIMER_MS) : undefined;
}

/** Codes of `error` and `refused` after which the same question may get another answer. */
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

/** Why the connection is gone, as a sentence for people. */
export function lossReason(loss: {
  readonly close: TransportClose;
  readonly wasWelcomed: boolean;
  /** Tries in a row that ended before a welcome, this one included. */
  readonly failures: number;
  readonly isOffline: boolean;
}): string {
  const { close, wasWelcomed, failures, isOffline } = loss;
  if (isOffline) return "This device is offline.";
  if (close.code === CLOSE_CODES.drain.code) return "The server is restarting.";
  const words = close.reason === "" ? "" : ` (${close.reason})`;
  if (wasWelcomed || close.code !== 1006) {
    return close.code === 1006
      ? `The connection broke off${words}.`
      : `The server closed the connection with code ${close.code}${words}.`;
  }
  if (failures < SUSPICIOUS_FAILURES) return `The server could not be reached${words}.`;
  return (
    `The server could not be reached in ${failures} tries${words}. Either it is down, or it or something ` +
    "on the way refuses WebSocket connections; the browser does not say which."
  );
}

/** The code and words for a close that is for good, where no frame gave better ones. */
export function finalWords(close: TransportClose): { code: string; message: string } {
  const known = FINAL_CODES.get(close.code);
  return {
    code: known?.code ?? "refused",
    message: close.reason || known?.message || `The server closed the connection with code ${close.code}.`,
  };
}

const FINAL_CODES: ReadonlyMap<number, { code: string; message: string }> = new Map([
  [CLOSE_CODES.version.code, { code: "version", message: CLOSE_CODES.version.meaning }],
  [CLOSE_CODES.forbidden.code, { code: "forbidden", message: CLOSE_CODES.forbidden.meaning }],
  [
    CLOSE_CODES.unauthenticated.code,
    { code: "unauthenticated", message: CLOSE_CODES.unauthenticated.meaning },
  ],
]);
