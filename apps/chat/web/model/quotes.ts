import type { ClientRoom } from "@parlor/client";
import type { HistoryPageFrame, Message } from "@parlor/protocol";
import { signal } from "@preact/signals";

/** Quoted messages that are kept beside those that are shown; the oldest asked for go first. */
const MAX_KEPT = 200;

/**
 * Messages that replies quote and that are not among those shown: each is read once, by its offset, with what
 * was said about it since.
 */
export class Quotes {
  readonly #kept = signal<ReadonlyMap<number, Message | "reading" | "gone">>(new Map());
  readonly #room: Pick<ClientRoom, "history">;
  readonly #fold: (before: number, page: HistoryPageFrame) => void;

  constructor(room: Pick<ClientRoom, "history">, fold: (before: number, page: HistoryPageFrame) => void) {
    this.#room = room;
    this.#fold = fold;
  }

  /** The message; or that it is on its way, or that there is none. */
  get(offset: number): Message | "reading" | "gone" {
    const known = this.#kept.value.get(offset);
    if (known !== undefined) return known;
    // Not while somebody draws by it.
    queueMicrotask(() => void this.#read(offset));
    return "reading";
  }

  /** The history was replaced: offsets mean other messages. Also lets what failed be read again. */
  clear(): void {
    this.#kept.value = new Map();
  }

  async #read(offset: number): Promise<void> {
    if (this.#kept.peek().has(offset)) return;
    this.#keep(offset, "reading");
    try {
      const before = offset + 1;
      const page = await this.#room.history({ before, limit: 1, related: true });
      const [message] = page.messages;
      this.#fold(before, page);
      const isIt = message?.offset === offset && message.re === undefined;
      this.#keep(offset, isIt ? message : "gone");
    } catch {
      // Intentionally without its reason: a quote that can't be had is told as one that is gone.
      this.#keep(offset, "gone");
    }
  }

  #keep(offset: number, what: Message | "reading" | "gone"): void {
    const kept = new Map(this.#kept.peek()).set(offset, what);
    for (const oldest of kept.keys()) {
      if (kept.size <= MAX_KEPT) break;
      kept.delete(oldest);
    }
    this.#kept.value = kept;
  }
}
