import {
  FIRST_WELCOME_MS,
  MAX_HEAD_START_MS,
  MIN_HEAD_START_MS,
  NEWEST_WEIGHT,
  ROUND_TRIPS,
} from "../bounds.ts";
import type { KeyStorage } from "../key-storage.ts";
import { pageRoundTripMs } from "./page-round-trip.ts";
import type { TransportKind } from "./transport.ts";

/**
 * What this client knows of the ways to one server: which one won last, and how long a welcome takes. It
 * is kept for each server origin, where the platform keeps things; a first visit judges by how the page
 * itself came. Nothing is read before it is asked for.
 */
export interface TransportHistory {
  /** The transport that won last; empty before; `stalled` where none has so far, and a poll was answered before. */
  readonly won: string;
  /** How long the first transport is tried alone: twice what a welcome usually takes here. */
  readonly headStartMs: number;
  /** @param kind `stalled` where a poll was answered before the WebSocket: the next visit does not wait for it. */
  welcomed(kind: TransportKind | "stalled", tookMs: number): void;
}

export function transportHistory(
  storage: KeyStorage | null,
  origin: string,
  pageMs = pageRoundTripMs,
): TransportHistory {
  let won = "";
  /** On average. */
  let welcomeMs = 0;
  let isRead = false;
  const read = (): void => {
    if (isRead) return;
    isRead = true;
    welcomeMs = ROUND_TRIPS * (pageMs(origin) ?? 0) || FIRST_WELCOME_MS;
    try {
      const [kind, ms] = storage?.read(origin)?.split(" ") ?? [];
      if (kind !== undefined && Number(ms) >= 0) [won, welcomeMs] = [kind, Number(ms)];
    } catch {
      // Private windows throw here; the client begins as on a first visit.
    }
  };
  const keep = (kind: string, ms: number): void => {
    [won, welcomeMs] = [kind, ms];
    try {
      storage?.write(origin, `${kind} ${Math.round(ms)}`);
    } catch {
      // A full quota throws here. What is not kept is learned again.
    }
  };
  return {
    get won() {
      read();
      return won;
    },
    get headStartMs() {
      read();
      return Math.min(Math.max(2 * welcomeMs, MIN_HEAD_START_MS), MAX_HEAD_START_MS);
    },
    welcomed(kind, tookMs) {
      read();
      // What was guessed before does not count beside the first that was measured.
      keep(kind, welcomeMs + (won === "" ? 1 : NEWEST_WEIGHT) * (tookMs - welcomeMs));
    },
  };
}
