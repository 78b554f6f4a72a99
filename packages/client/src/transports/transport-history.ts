import type { KeyStorage } from "../key-storage.ts";
import type { TransportKind } from "./transport.ts";

/** So that the head start of a first visit is 250 ms. */
const FIRST_WELCOME_MS = 125;
const MIN_HEAD_START_MS = 50;
const MAX_HEAD_START_MS = 2_000;
/** How much the newest welcome counts in the average. */
const NEWEST_WEIGHT = 0.25;

/**
 * What this client knows of the ways to one server: which one won last, and how long a welcome takes. It
 * is kept for each server origin, where the platform keeps things.
 */
export class TransportHistory {
  /** The transport that won last; empty before. */
  won = "";
  /** On average. */
  welcomeMs = FIRST_WELCOME_MS;
  readonly #storage: KeyStorage | null;
  readonly #origin: string;

  constructor(storage: KeyStorage | null, origin: string) {
    this.#storage = storage;
    this.#origin = origin;
    try {
      const [won, ms] = storage?.read(origin)?.split(" ") ?? [];
      if (won !== undefined && Number(ms) >= 0) {
        this.won = won;
        this.welcomeMs = Number(ms);
      }
    } catch {
      // Private windows throw here; the client begins as on a first visit.
    }
  }

  /** How long the first transport is tried alone: twice what a welcome usually takes here. */
  get headStartMs(): number {
    return Math.min(Math.max(2 * this.welcomeMs, MIN_HEAD_START_MS), MAX_HEAD_START_MS);
  }

  welcomed(kind: TransportKind, tookMs: number): void {
    this.won = kind;
    this.welcomeMs += NEWEST_WEIGHT * (tookMs - this.welcomeMs);
    try {
      this.#storage?.write(this.#origin, `${kind} ${Math.round(this.welcomeMs)}`);
    } catch {
      // A full quota throws here. What is not kept is learned again.
    }
  }
}
