import type { KeptTexts } from "../kept-texts.ts";

const KEY = "parlor.owner-links";
/** Rooms whose link is kept: the newest. */
const MAX_KEPT = 200;

/** The links of the rooms that this browser's person made, so that they are at hand when they are wanted. */
export class OwnerLinks {
  readonly #texts: KeptTexts;

  constructor(texts: KeptTexts) {
    this.#texts = texts;
  }

  of(room: string): string | null {
    return this.#read().find(([name]) => name === room)?.[1] ?? null;
  }

  keep(room: string, token: string): void {
    const others = this.#read().filter(([name]) => name !== room);
    this.#texts.keep(KEY, JSON.stringify([...others, [room, token]].slice(-MAX_KEPT)));
  }

  #read(): readonly (readonly [string, string])[] {
    try {
      const kept: unknown = JSON.parse(this.#texts.read(KEY) ?? "[]");
      return Array.isArray(kept) ? kept.filter(isPair) : [];
    } catch {
      // Intentionally not told: somebody else wrote there, and the server tells the links again.
      return [];
    }
  }
}

function isPair(value: unknown): value is readonly [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((each) => typeof each === "string");
}
