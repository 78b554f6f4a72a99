import type { Page } from "@parlor/log";

/** Of so many rooms, those that were asked for last; a page holds one message, or 32 KiB of them. */
const MAX_PAGES = 256;

/** The newest messages of rooms, as they were read last, so that whoever joins a quiet room waits for no log. */
export class NewestPages {
  readonly #pages = new Map<string, Page>();

  find(room: string): Page | null {
    return this.#pages.get(room) ?? null;
  }

  keep(room: string, page: Page): void {
    this.#pages.delete(room);
    this.#pages.set(room, page);
    const [oldest = ""] = this.#pages.keys();
    if (this.#pages.size > MAX_PAGES) this.#pages.delete(oldest);
  }

  forget(room: string): void {
    this.#pages.delete(room);
  }
}
