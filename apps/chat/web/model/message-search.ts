import type { Clock, TimerHandle } from "@parlor/base";
import { signal } from "@preact/signals";

/** A message that was found, as the server says it. */
export interface FoundMessage {
  readonly room: string;
  readonly offset: number;
  readonly from: string;
  readonly name: string | null;
  readonly at: number;
  /** Of its text, in turn what was not and what was looked for. */
  readonly parts: readonly string[];
}

export interface SearchAsked {
  readonly text: string;
  readonly rooms: readonly string[];
  readonly from: string | null;
  readonly since: number | null;
  readonly until: number | null;
}

export interface Found {
  readonly hits: readonly FoundMessage[];
  readonly more: boolean;
}

export type SearchState =
  /** Nothing was asked for yet. */
  | { readonly kind: "idle" }
  | { readonly kind: "found"; readonly found: Found }
  | { readonly kind: "failed"; readonly sentence: string };

/** Who types on is not asked for each letter, ms. */
const PAUSE_MS = 150;
const RETRY_MS = 600;

/** Asks while somebody types: one question at a time, and in the end the newest one. */
export class MessageSearch {
  readonly state = signal<SearchState>({ kind: "idle" });
  readonly isAsking = signal(false);
  readonly #ask: (asked: SearchAsked) => Promise<unknown>;
  readonly #clock: Clock;
  #wanted: SearchAsked | null = null;
  #timer: TimerHandle | null = null;
  #isUnderWay = false;

  constructor(ask: (asked: SearchAsked) => Promise<unknown>, clock: Clock) {
    this.#ask = ask;
    this.#clock = clock;
  }

  /** Looks for something else; an empty question has no answer. */
  look(asked: SearchAsked): void {
    this.#wanted = asked;
    if (asked.text.trim() === "" && asked.from === null) {
      this.#wanted = null;
      this.state.value = { kind: "idle" };
      this.isAsking.value = false;
      return;
    }
    if (asked.rooms.length === 0) {
      this.#wanted = null;
      this.state.value = {
        kind: "failed",
        sentence: "You were in no room yet: there is nothing to look in.",
      };
      return;
    }
    this.isAsking.value = true;
    this.#later(PAUSE_MS);
  }

  close(): void {
    this.#wanted = null;
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
  }

  #later(ms: number): void {
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
    this.#timer = this.#clock.after(ms, () => void this.#go());
  }

  async #go(): Promise<void> {
    const asked = this.#wanted;
    if (asked === null || this.#isUnderWay) return;
    this.#isUnderWay = true;
    let state: SearchState | null;
    try {
      state = { kind: "found", found: readFound(await this.#ask(asked)) };
    } catch (error) {
      // Too many at once: what was asked for still is.
      state = isRateLimited(error) ? null : { kind: "failed", sentence: sentenceOf(error) };
    }
    this.#isUnderWay = false;
    if (this.#wanted === null) return;
    if (state === null) return this.#later(RETRY_MS);
    this.state.value = state;
    if (this.#wanted === asked) this.isAsking.value = false;
    else void this.#go();
  }
}

function isRateLimited(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "rate-limited";
}

function sentenceOf(error: unknown): string {
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "unknown-method") return "This server has no search.";
  return "The search can't be asked just now. Is the connection there?";
}

/** The server's answer, of which nothing else is shown: strangers' words are in it, as text. */
function readFound(answer: unknown): Found {
  const { hits, more } = answer as Found;
  return { hits: hits.filter(({ parts }) => Array.isArray(parts)), more };
}
