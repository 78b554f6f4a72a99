import type { CatchUpRead } from "./catch-up.ts";

/** Of all rooms together, as batches count, which is thrice what the messages take. */
const MAX_BYTES = 16_777_216;
/** What a read fills at least, as a batch counts, to be worth it. */
const MIN_BYTES = 16_384;

/**
 * The frames that rooms read last for those who catch up, for who comes to the same cursor a moment later: people who
 * come to a room one after the other, as behind a deploy, cost the reads of one of them.
 *
 * Kept is what can't grow any more. A room says when what it read may be wrong; what was trimmed is not found.
 */
export class KeptReads {
  readonly #maxBytes: number;
  readonly #minBytes: number;
  /** By room, and by the cursor behind which it was read; what was asked for longest ago is first. */
  readonly #rooms = new Map<string, Map<number, CatchUpRead>>();
  #bytes = 0;

  constructor({ maxBytes = MAX_BYTES, minBytes = MIN_BYTES } = {}) {
    this.#maxBytes = maxBytes;
    this.#minBytes = minBytes;
  }

  /** @param earliest The smallest offset that the room still has. */
  find(room: string, after: number, earliest: number): CatchUpRead | null {
    const reads = this.#rooms.get(room);
    const read = reads?.get(after);
    if (reads === undefined || read === undefined || after < earliest - 1) return null;
    this.#use(room, reads, after, read);
    return read;
  }

  keep(room: string, after: number, read: CatchUpRead): void {
    if (bytesOf(read) < this.#minBytes) return;
    const reads = this.#rooms.get(room) ?? new Map<number, CatchUpRead>();
    this.#bytes += bytesOf(read) - bytesOf(reads.get(after));
    this.#use(room, reads, after, read);
    while (this.#bytes > this.#maxBytes) this.#dropOldest();
  }

  forget(room: string): void {
    for (const read of this.#rooms.get(room)?.values() ?? []) this.#bytes -= bytesOf(read);
    this.#rooms.delete(room);
  }

  #dropOldest(): void {
    for (const [room, reads] of this.#rooms) {
      for (const [after, read] of reads) {
        reads.delete(after);
        this.#bytes -= bytesOf(read);
        if (reads.size === 0) this.#rooms.delete(room);
        return;
      }
    }
  }

  #use(room: string, reads: Map<number, CatchUpRead>, after: number, read: CatchUpRead): void {
    reads.delete(after);
    reads.set(after, read);
    this.#rooms.delete(room);
    this.#rooms.set(room, reads);
  }
}

function bytesOf(read: CatchUpRead | undefined): number {
  return read?.batch?.bytes ?? 0;
}
