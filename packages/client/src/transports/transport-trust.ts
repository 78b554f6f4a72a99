import type { TransportKind } from "./transport.ts";

/** A transport that failed after its welcome is not preferred for so long; twice that when it does so again. */
const FIRST_DISTRUST_MS = 60_000;
const MAX_DISTRUST_MS = 1_800_000;
/** A connection that breaks off sooner after its welcome counts as a short one. */
const SHORT_LIFE_MS = 5_000;
/** So many in a row, and the transport is distrusted. */
const MAX_SHORT_LIVES = 2;

interface Distrust {
  readonly untilMs: number;
  readonly forMs: number;
}

/**
 * Which transports let this client down after their welcome: those that swallow what is sent, and those
 * that are cut again and again. They are not preferred for a while, and a longer one each time.
 */
export class TransportTrust {
  readonly #distrusted = new Map<TransportKind, Distrust>();
  /** Of each kind, in a row. */
  readonly #shortLives = new Map<TransportKind, number>();

  /** Who is tried first, second, …: who won last, then as they are preferred, distrusted ones last. */
  order(preferred: readonly TransportKind[], won: string, nowMs: number): readonly TransportKind[] {
    const rank = (kind: TransportKind): number => {
      if (this.isDistrusted(kind, nowMs)) return preferred.length;
      return kind === won ? -1 : preferred.indexOf(kind);
    };
    return [...preferred].sort((a, b) => rank(a) - rank(b));
  }

  isDistrusted(kind: TransportKind, nowMs: number): boolean {
    return nowMs < (this.#distrusted.get(kind)?.untilMs ?? -Infinity);
  }

  /** A connection of this kind ended without a word. */
  broke(kind: TransportKind, nowMs: number, livedMs: number): void {
    const count = livedMs < SHORT_LIFE_MS ? (this.#shortLives.get(kind) ?? 0) + 1 : 0;
    this.#shortLives.set(kind, count % MAX_SHORT_LIVES);
    if (count >= MAX_SHORT_LIVES) this.distrust(kind, nowMs);
  }

  distrust(kind: TransportKind, nowMs: number): void {
    const before = this.#distrusted.get(kind);
    const isAgain = before !== undefined && nowMs < before.untilMs + MAX_DISTRUST_MS;
    const forMs = isAgain ? Math.min(2 * before.forMs, MAX_DISTRUST_MS) : FIRST_DISTRUST_MS;
    this.#distrusted.set(kind, { untilMs: nowMs + forMs, forMs });
  }
}
