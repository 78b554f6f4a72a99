import type { TransportKind } from "./transport.ts";

/** A transport that failed after its welcome is not preferred for so long; twice that when it does so again. */
const FIRST_DISTRUST_MS = 60_000;
const MAX_DISTRUST_MS = 1_800_000;
/** A connection that breaks off sooner after its welcome counts as a short one. */
const SHORT_LIFE_MS = 5_000;
/** So many in a row, and the transport is distrusted. */
const MAX_SHORT_LIVES = 2;

/**
 * Which transports let this client down after their welcome: those that swallow what is sent, and those
 * that are cut again and again. They are not preferred for a while, and a longer one each time.
 */
export interface TransportTrust {
  /** Who is tried first, second, …: who won last, then as they are preferred, distrusted ones last. */
  order(preferred: readonly TransportKind[], won: string, nowMs: number): readonly TransportKind[];
  isDistrusted(kind: TransportKind, nowMs: number): boolean;
  /** A connection of this kind ended without a word. */
  broke(kind: TransportKind, nowMs: number, livedMs: number): void;
  distrust(kind: TransportKind, nowMs: number): void;
}

export function transportTrust(): TransportTrust {
  const distrusted = new Map<TransportKind, { readonly untilMs: number; readonly forMs: number }>();
  /** Of each kind, in a row. */
  const shortLives = new Map<TransportKind, number>();
  const untilMs = (kind: TransportKind): number => distrusted.get(kind)?.untilMs ?? -Infinity;
  const trust: TransportTrust = {
    order(preferred, won, nowMs) {
      const rank = (kind: TransportKind): number => {
        if (nowMs < untilMs(kind)) return preferred.length;
        return kind === won ? -1 : preferred.indexOf(kind);
      };
      return [...preferred].sort((a, b) => rank(a) - rank(b));
    },
    isDistrusted: (kind, nowMs) => nowMs < untilMs(kind),
    broke(kind, nowMs, livedMs) {
      const count = livedMs < SHORT_LIFE_MS ? (shortLives.get(kind) ?? 0) + 1 : 0;
      shortLives.set(kind, count % MAX_SHORT_LIVES);
      if (count >= MAX_SHORT_LIVES) trust.distrust(kind, nowMs);
    },
    distrust(kind, nowMs) {
      const beforeMs = nowMs < untilMs(kind) + MAX_DISTRUST_MS ? (distrusted.get(kind)?.forMs ?? 0) : 0;
      const forMs = Math.min(2 * beforeMs || FIRST_DISTRUST_MS, MAX_DISTRUST_MS);
      distrusted.set(kind, { untilMs: nowMs + forMs, forMs });
    },
  };
  return trust;
}
