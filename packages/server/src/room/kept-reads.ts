import type { CatchUpRead } from "./catch-up.ts";

/** Of all rooms together, as batches count: some twenty rooms that many come to. */
const MAX_BYTES = 16_777_216;
/** Of one room: whoever asks for its newest five hundred messages needs about as many. */
const MAX_READS = 8;
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
  /** By room, and by the cursor behind which it was read; what was asked for longest ago is first. */
  readonly #rooms = new Map<string, Map<number, CatchUpRead>>();
  #bytes = 0;

  constructor(maxBytes = MAX_BYTES) {
    this.#maxBytes = maxBytes;
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
    if (bytesOf(read) < MIN_BYTES) return;
    const reads = this.#rooms.get(room) ?? new Map<number, CatchUpRead>();
    this.#bytes += bytesOf(read) - bytesOf(reads.get(after));
    this.#use(room, reads, after, read);
    const [oldest = after] = reads.keys();
    if (reads.size > MAX_READS) {
      this.#bytes -= bytesOf(reads.get(oldest));
      reads.delete(oldest);
    }
    for (const name of this.#rooms.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.forget(name);
    }
  }

  forget(room: string): void {
    for (const read of this.#rooms.get(room)?.values() ?? []) this.#bytes -= bytesOf(read);
    this.#rooms.delete(room);
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
