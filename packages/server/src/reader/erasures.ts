import type { RoomLog } from "@parlor/log";
import type { Projection } from "./projection.ts";

/** Erasures that wait at one time; beyond it everything that was read is looked through. */
const MAX_WAITING = 10_000;
const PAGE = { maxMessages: 500, maxBytes: 1_048_576 };

/** What was erased of that which had been read, and waits to be forgotten. */
export class Erasures {
  readonly #byRoom = new Map<string, Set<number>>();
  #size = 0;

  /** False where no more can wait. */
  add(room: string, offset: number): boolean {
    if (this.#size >= MAX_WAITING) return false;
    let offsets = this.#byRoom.get(room);
    if (offsets === undefined) this.#byRoom.set(room, (offsets = new Set()));
    if (!offsets.has(offset)) this.#size += 1;
    offsets.add(offset);
    return true;
  }

  /** Those of one room; null where nothing waits. They still wait until `done`. */
  next(): { readonly room: string; readonly offsets: readonly number[] } | null {
    for (const [room, offsets] of this.#byRoom) return { room, offsets: [...offsets] };
    return null;
  }

  done(room: string, offsets: readonly number[]): void {
    const waiting = this.#byRoom.get(room);
    if (waiting === undefined) return;
    for (const offset of offsets) if (waiting.delete(offset)) this.#size -= 1;
    if (waiting.size === 0) this.#byRoom.delete(room);
  }

  clear(): void {
    this.#byRoom.clear();
    this.#size = 0;
  }
}

/**
 * Looks through all that was read for what is erased now: what happened while nobody watched the log left no
 * other trace. A page at a time, so that whoever drives it can do other things in between.
 */
export async function* findErased(
  log: RoomLog,
  projection: Projection,
): AsyncGenerator<{ readonly room: string; readonly offsets: readonly number[] }> {
  for (let afterName = ""; ; ) {
    const rooms = await projection.positions(afterName, PAGE.maxMessages);
    for (const { room, epoch, offset: upTo } of rooms) {
      for (let after = 0; after < upTo; ) {
        const page = await log.read(room, after, PAGE);
        const last = page.messages.at(-1);
        if (last === undefined || page.epoch !== epoch) break;
        after = last.offset;
        const erased = page.messages.filter(({ bodyJson, offset }) => bodyJson === null && offset <= upTo);
        yield { room, offsets: erased.map(({ offset }) => offset) };
      }
    }
    const last = rooms.at(-1);
    if (last === undefined) return;
    afterName = last.room;
  }
}
