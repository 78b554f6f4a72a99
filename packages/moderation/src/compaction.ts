import type { RoomLog } from "@parlor/log";
import { ACTS_ROOM } from "./act-record.ts";
import type { Journal } from "./journal.ts";
import { isKept, snapshotOf } from "./snapshot.ts";
import { eraseKept, newestSnapshot, SNAPSHOT_ROOM, writeSnapshot } from "./snapshot-room.ts";

/** Acts are summed up once they take so much, and at least as much as what they came to the last time. */
const COMPACT_ABOVE_BYTES = 1_048_576;

export interface CompactionParts {
  readonly log: RoomLog;
  readonly journal: Journal;
  readonly onFault: (fault: unknown) => void;
  /** In UTF-16 code units of JSON. @default 1 MiB */
  readonly aboveBytes?: number | undefined;
}

/**
 * Keeps what a start has to read bounded by what holds, not by all that was ever done: writes what the acts came to
 * behind each other in a room of its own, and only then forgets the acts that are in it. Each step leaves a log that
 * folds to the same, so whichever process is killed wherever, and however many do it at a time, nothing is lost.
 */
export class Compaction {
  readonly #parts: CompactionParts;
  #running: Promise<void> | null = null;

  constructor(parts: CompactionParts) {
    this.#parts = parts;
  }

  /** Begins where it is due; called by whoever wrote an act, so that mostly one process does it. */
  consider(): void {
    const { journal, aboveBytes = COMPACT_ABOVE_BYTES } = this.#parts;
    if (journal.grownBytes < Math.max(aboveBytes, journal.snapshotBytes)) return;
    void this.#alone(() => this.#compact());
  }

  /** Ends what a process that died left in the middle. Never rejects. */
  settle(): Promise<void> {
    return this.#alone(() => this.#settle());
  }

  async idle(): Promise<void> {
    await this.#running;
  }

  #alone(work: () => Promise<void>): Promise<void> {
    this.#running ??= work()
      // What was not done is done when it is due again.
      .catch(this.#parts.onFault)
      .finally(() => {
        this.#running = null;
      });
    return this.#running;
  }

  async #compact(): Promise<void> {
    const { log, journal } = this.#parts;
    const snapshot = snapshotOf(journal.state);
    journal.summedUp(snapshot.text.length);
    await writeSnapshot(log, snapshot);
    // What somebody decided on, or had erased, before they could find it there.
    await journal.catchUp();
    await this.#settle();
  }

  async #settle(): Promise<void> {
    const { log, journal } = this.#parts;
    const { state } = journal;
    // Of acts that are not folded here nothing is known; whoever wrote that one looks by themselves.
    await eraseKept(log, (words, upTo) => upTo <= state.version && !isKept(state, words));
    const newest = await newestSnapshot(log);
    if (newest === null) return;
    await log.trim(ACTS_ROOM, newest.upTo + 1);
    await log.trim(SNAPSHOT_ROOM, newest.first);
  }
}
