import type { ProducerMark } from "../once.ts";
import type { StoredMessage } from "../room-log.ts";

/** What a log remembers of one producer, for another log. */
export interface CopiedProducer extends ProducerMark {
  readonly from: string;
  readonly producer: string;
  /** ms since 1970 */
  readonly usedAt: number;
}

/** One room as it goes from one log to another, but for its messages. */
export interface CopiedRoom {
  readonly room: string;
  /** Whole, with what a deletion has added to it. */
  readonly epoch: string;
  /** 0 in a room that was deleted: its epoch is all that is left of it, and tells who comes back. */
  readonly head: number;
  readonly earliest: number;
  /** When its newest message was written, ms since 1970; 0 where there never was one. */
  readonly lastAt: number;
  /** The least recently used first. */
  readonly producers: readonly CopiedProducer[];
  /**
   * How far copies wrote it, where its history is still that one: where it is the head, nothing was written here since.
   * Left out where no copy wrote it.
   */
  readonly copiedHead?: number | undefined;
}

/** What a room of an earlier copy has not that the source has. */
export interface RoomLack {
  /** The offset of the newest message that it has. */
  readonly after: number;
  /** Offsets of kept messages whose bodies were erased in the source, ascending. */
  readonly erased: readonly number[];
  /** Marks that it has not, or of an earlier use; the least recently used first. */
  readonly producers: readonly CopiedProducer[];
}

/** A log that is read whole, while nothing writes to it. Every method may reject with a `CodedError` in words. */
export interface CopySource extends AsyncDisposable {
  /** Of the history in it: a copy that broke off goes on from the same one, and from no other. */
  readonly id: string;
  /** How many rooms are best read, or written, at once. */
  readonly roomsAtOnce: number;
  /** The epoch of rooms that nobody wrote to. */
  readonly epoch: string;
  /** For people. */
  readonly words: string;
  /** Names of all rooms of which it knows anything: side rooms and deleted ones, too. */
  names(): AsyncIterable<string>;
  /** Null where nobody ever wrote to it. */
  room(name: string): Promise<CopiedRoom | null>;
  /** The kept messages behind `after`, ascending, a page at a time. */
  messages(room: string, after: number): AsyncIterable<readonly StoredMessage[]>;
}

/** A log that rooms are copied into, while nothing else writes to it. */
export interface CopyTarget extends CopySource {
  /** The source of a copy that has begun and not ended; null where there is none. No server opens the log meanwhile. */
  mark(): Promise<CopyMark | null>;
  begin(mark: CopyMark): Promise<void>;
  end(): Promise<void>;
  /**
   * Makes a room that holds nothing so far. Whole or not at all, whatever breaks off; called again, it may go on where
   * it was.
   *
   * @param messages  All of the room's behind an offset.
   * @param written   Told of messages that are in, also of those of an earlier call.
   */
  write(
    room: CopiedRoom,
    messages: (after: number) => AsyncIterable<readonly StoredMessage[]>,
    written: (count: number) => void,
  ): Promise<void>;
  /**
   * Gives a room of an earlier copy what it lacks: what was erased and trimmed first, then messages, then marks of
   * producers. Where it breaks off the room is behind the source still, and what it lacks is found out anew.
   */
  add(
    room: CopiedRoom,
    lack: RoomLack,
    messages: (after: number) => AsyncIterable<readonly StoredMessage[]>,
    written: (count: number) => void,
  ): Promise<void>;
  /** Deletes a room, to be written again; nothing of its messages is left when the copy has ended. */
  remove(name: string): Promise<void>;
}

export interface CopyMark {
  /** `CopySource.id` */
  readonly source: string;
  /** `CopySource.words` */
  readonly words: string;
}
