import type { ReadBounds } from "./room-log.ts";

/** What the bounds of one read still allow. The first message always fits, so that a reader gets on. */
export class ReadBudget {
  readonly #bounds: ReadBounds;
  #messages = 0;
  #bytes = 0;

  constructor(bounds: ReadBounds) {
    this.#bounds = bounds;
  }

  /** Takes a message's share; false, and nothing taken, where it would go over the bounds. */
  take(bodyJson: string | null): boolean {
    const bytes = bodyJson?.length ?? 0;
    if (this.#messages > 0) {
      if (this.#messages >= this.#bounds.maxMessages) return false;
      if (this.#bytes + bytes > this.#bounds.maxBytes) return false;
    }
    this.#messages += 1;
    this.#bytes += bytes;
    return true;
  }
}
