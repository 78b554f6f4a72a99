import type { KeyStorage } from "../key-storage.ts";
import { pageRoundTripMs } from "./page-round-trip.ts";
import type { TransportKind } from "./transport.ts";

/** So that the head start of a first visit is 250 ms where nothing is known of the network. */
const FIRST_WELCOME_MS = 125;
const MIN_HEAD_START_MS = 50;
/** A welcome takes a new connection, an upgrade and a question; the page's own request took one round trip. */
const ROUND_TRIPS = 3;
const MAX_HEAD_START_MS = 2_000;
/** How much the newest welcome counts in the average. */
const NEWEST_WEIGHT = 0.25;

const STALLED = "stalled";

interface Known {
  readonly won: string;
  readonly welcomeMs: number;
}

/**
 * What this client knows of the ways to one server: which one won last, and how long a welcome takes. It
 * is kept for each server origin, where the platform keeps things; a first visit judges by how the page
 * itself came. Nothing is read before it is asked for.
 */
export class TransportHistory {
  readonly #storage: KeyStorage | null;
  readonly #origin: string;
  readonly #pageMs: (serverOrigin: string) => number | null;
  #read: Known | null = null;

  constructor(storage: KeyStorage | null, origin: string, pageMs = pageRoundTripMs) {
    this.#storage = storage;
    this.#origin = origin;
    this.#pageMs = pageMs;
  }

  /** The transport that won last; empty before; `STALLED` where none has so far, and a poll was answered before. */
  get won(): string {
    return this.#known.won;
  }

  /** On average. */
  get welcomeMs(): number {
    return this.#known.welcomeMs;
  }

  /** How long the first transport is tried alone: twice what a welcome usually takes here. */
  get headStartMs(): number {
    return Math.min(Math.max(2 * this.welcomeMs, MIN_HEAD_START_MS), MAX_HEAD_START_MS);
  }

  welcomed(kind: TransportKind, tookMs: number): void {
    const { won, welcomeMs: before } = this.#known;
    // What was guessed before does not count beside the first that was measured.
    const weight = won === "" ? 1 : NEWEST_WEIGHT;
    this.#keep(kind, before + weight * (tookMs - before));
  }

  /** A poll was answered before the WebSocket: where nothing else is learned, the next visit does not wait for it. */
  stalled(): void {
    this.#keep(STALLED, this.welcomeMs);
  }

  #keep(won: string, welcomeMs: number): void {
    this.#read = { won, welcomeMs };
    try {
      this.#storage?.write(this.#origin, `${won} ${Math.round(welcomeMs)}`);
    } catch {
      // A full quota throws here. What is not kept is learned again.
    }
  }

  get #known(): Known {
    return (this.#read ??= this.#kept() ?? this.#guessed());
  }

  #kept(): Known | null {
    try {
      const [won, ms] = this.#storage?.read(this.#origin)?.split(" ") ?? [];
      return won !== undefined && Number(ms) >= 0 ? { won, welcomeMs: Number(ms) } : null;
    } catch {
      // Private windows throw here; the client begins as on a first visit.
      return null;
    }
  }

  #guessed(): Known {
    const roundTripMs = this.#pageMs(this.#origin);
    return { won: "", welcomeMs: roundTripMs === null ? FIRST_WELCOME_MS : ROUND_TRIPS * roundTripMs };
  }
}
