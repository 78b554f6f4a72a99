import type { RoomChange } from "@parlor/log";
import { Erasures } from "./erasures.ts";
import type { ReaderStep } from "./projection.ts";
import type { RoomChoice } from "./room-choice.ts";
import { WaitingRooms } from "./waiting-rooms.ts";

/** Rooms whose trims wait at one time; beyond it all rooms are looked through. */
const MAX_TRIMS = 10_000;

export interface ReaderNewsParts {
  readonly isMine: RoomChoice;
  /** Whether it matters what is erased and trimmed. */
  readonly forgets: boolean;
  readonly monotonic: () => number;
  /** Something is to be done. */
  readonly onNews: () => void;
}

/** What a reader has heard of its log and not yet done. All of it is bounded: beyond, it looks through the log. */
export class ReaderNews {
  readonly #parts: ReaderNewsParts;
  readonly waiting = new WaitingRooms();
  readonly #erasures = new Erasures();
  readonly #trims = new Map<string, number>();
  /** All rooms are to be compared with what was read. */
  isLookDue = true;
  /** What was read is to be looked through for what was erased. */
  isSweepDue = true;

  constructor(parts: ReaderNewsParts) {
    this.#parts = parts;
  }

  /** Whether nothing is left to be done. */
  get isEmpty(): boolean {
    return !this.isLookDue && this.waiting.size === 0 && this.nextForgotten() === null;
  }

  hear(change: RoomChange): void {
    if (change.kind === "missed") {
      this.isLookDue = true;
      this.isSweepDue = true;
    } else if (!this.#parts.isMine(change.room)) {
      return;
    } else if (!this.#note(change)) {
      this.isLookDue = true;
      if (change.kind === "redacted") this.isSweepDue = true;
    }
    this.#parts.onNews();
  }

  /** What is to be forgotten next, and what to call when it is; null where nothing is. */
  nextForgotten(): {
    readonly step: ReaderStep & { kind: "erased" | "trimmed" };
    readonly done: () => void;
  } | null {
    const erased = this.#erasures.next();
    if (erased !== null) {
      const { room, offsets } = erased;
      return { step: { kind: "erased", room, offsets }, done: () => this.#erasures.done(room, offsets) };
    }
    for (const [room, earliest] of this.#trims) {
      const done = (): void => {
        if (this.#trims.get(room) === earliest) this.#trims.delete(room);
      };
      return { step: { kind: "trimmed", room, earliest }, done };
    }
    return null;
  }

  /** As at the beginning, save that nothing was read of which anything could have been erased. */
  startAnew(): void {
    this.waiting.clear();
    this.#erasures.clear();
    this.#trims.clear();
    this.isLookDue = true;
    this.isSweepDue = false;
  }

  /** False where no more can wait. */
  #note(change: Exclude<RoomChange, { kind: "missed" }>): boolean {
    const { forgets, monotonic } = this.#parts;
    const { room } = change;
    switch (change.kind) {
      case "written":
        return this.waiting.add(room, monotonic(), change.head);
      case "deleted":
        return this.waiting.add(room, monotonic());
      case "redacted":
        return !forgets || this.#erasures.add(room, change.offset);
      case "trimmed":
        if (!forgets) return true;
        if (this.#trims.size >= MAX_TRIMS && !this.#trims.has(room)) return false;
        this.#trims.set(room, change.earliest);
        return true;
    }
  }
}
