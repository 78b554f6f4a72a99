import type { RoomRecord } from "./record.ts";

/** Where the records of one room come from. */
export interface RecordSource {
  /**
   * The sequence of the room's newest record, as the stream's leader knows it; null where it finds none: there is none, or
   * the newest of all was removed (nats-server 2.9).
   */
  head(): Promise<number | null>;
  /** The first record behind `after`, as the leader knows it; null where that one has none, head or not. */
  next(after: number): Promise<SourcedRecord | null>;
  /** The record at `seq` with that id, from whichever copy of the stream has it, or what replaced it; null where none has. */
  named(seq: number, id: string): Promise<RoomRecord | null>;
  /** The id of the record at `seq` that most copies of the stream have; null where most have none. */
  commonestAt(seq: number): Promise<string | null>;
}

export interface SourcedRecord {
  readonly seq: number;
  readonly data: Uint8Array;
}
