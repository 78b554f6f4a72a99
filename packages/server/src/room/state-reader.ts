import type { StateCursor, StateSlice } from "./keyed-state.ts";
import type { SharedFrames } from "./shared-frames.ts";

/** What a reader needs of the state of a room. */
export interface ReadableState {
  readonly name: string;
  /** It shows what the log has; before, nobody is told anything. */
  readonly isReady: boolean;
  /** Where a client stands that saw `version`; null where nothing is known of it. */
  cursorOf(version: number): StateCursor | null;
  /** The frame behind a reader's cursor; null where there is nothing for it. */
  frameBehind(cursor: StateCursor | null): StateFrames | null;
  /** Says that nothing lies behind the cursor of a reader that just came. */
  emptyFrame(cursor: StateCursor): SharedFrames;
  join(reader: StateReader): void;
  leave(reader: StateReader): void;
}

/** One frame, and what of the state it holds. */
export interface StateFrames {
  readonly slice: StateSlice;
  readonly frames: SharedFrames;
}

/** Where a reader's frames go: one connection. */
export interface StateSink {
  /**
   * Whether it takes a frame now, also one that goes on with a whole state that was begun. It calls `pump` when
   * it does again.
   */
  takes(isBegun: boolean): boolean;
  sendState(frames: SharedFrames): void;
}

/**
 * One connection's interest in one room's state. It is a cursor and nothing else: while the connection takes
 * nothing, nothing gathers here, and what it gets afterwards is the newest of each key.
 */
export class StateReader {
  readonly room: ReadableState;
  readonly #sink: StateSink;
  #cursor: StateCursor | null;
  #isAnswered = false;
  #isClosed = false;

  /** @param version What the client saw last; null for a newcomer. */
  constructor(room: ReadableState, sink: StateSink, version: number | null) {
    this.room = room;
    this.#sink = sink;
    this.#cursor = version === null ? null : room.cursorOf(version);
    room.join(this);
  }

  /** The history is another one now, or has a hole: what the client has is replaced. */
  startAnew(): void {
    this.#cursor = null;
  }

  /** Sends what there is behind the cursor, as far as the connection takes it. */
  pump(): void {
    while (!this.#isClosed && this.#sink.takes(this.#isInside)) {
      const frame = this.room.frameBehind(this.#cursor);
      if (frame === null) {
        // Who comes is answered, also where there is nothing new: then it knows.
        if (!this.#isAnswered && this.#cursor !== null && this.room.isReady) {
          this.#isAnswered = true;
          this.#sink.sendState(this.room.emptyFrame(this.#cursor));
        }
        return;
      }
      this.#cursor = frame.slice.next;
      this.#isAnswered = true;
      this.#sink.sendState(frame.frames);
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.room.leave(this);
  }

  get #isInside(): boolean {
    return this.#cursor !== null && this.#cursor.since !== null;
  }
}
