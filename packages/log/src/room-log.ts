import type { EncodableMessage } from "@parlor/protocol";

/**
 * The port of the log: every room is one durable, totally ordered sequence of messages.
 *
 * Everything above (fan-out, resume, history, fallback transports, other nodes) stands on this
 * contract and on nothing else. Each implementation runs `describeRoomLogContract` of the testkit.
 *
 * Room names reach the log checked; bodies reach it as JSON text within the limits. All methods may
 * overlap, for one room and for several; the log serialises what needs it.
 *
 * Errors: every method rejects with a `CodedError` whose code is `unavailable` when the storage cannot
 * serve it now (full, unreachable, failed, closed); nothing else is thrown for reasons of storage.
 */
export interface RoomLog {
  /**
   * Whether a reader can be behind a writer elsewhere (a replica). Where it is false, a cursor beyond
   * the head can only come from another history, and nobody need wait for it.
   */
  readonly canLag: boolean;

  /** Whether each tail here has told of an event before the promise of whoever caused it fulfils. @default false */
  readonly tellsFirst?: boolean;

  readonly status: LogStatus;

  /** Calls `listener` at every change of `status`; returns how to stop. */
  onStatus(listener: (status: LogStatus) => void): () => void;

  /**
   * Appends one message, or says why not. Atomic: message, offset and producer's row are stored in
   * one transaction, or none of them is.
   *
   * Order: appends to one room are totally ordered and offsets strictly rise; calls made in one turn
   * of the event loop for one room are taken in the order of the calls. Nothing is promised between
   * rooms. `at` is the log's clock, and never lower than that of the message before.
   *
   * Durability: when the promise fulfils, the message survives a crash of this process and a power
   * cut. When it rejects, the message may or may not be stored: append again with the same producer
   * and seq, and the answer tells (a fulfilled `duplicate` is as good as an `appended`).
   *
   * Once (rule 3): with `last` the newest seq appended for (room, from, producer), or 0 where the
   * producer is not known:
   *   seq ≤ last                        → `duplicate`, with `offset` where seq = last
   *   producer unknown and afterSeq > 0 → `unknown-producer`
   *   last < afterSeq                   → `out-of-order`, `expected` = last + 1
   *   otherwise                         → `appended`
   * Remembered for at least `producerRetentionMs` (default 7 days) after the producer's last use.
   */
  append(append: Append): Promise<AppendResult>;

  /**
   * Messages with an offset greater than `after`, ascending, until `bounds` are reached. At least one
   * message is given where there is one, however large.
   *
   * Shows committed messages only, and every message whose append was fulfilled or that the tail told
   * before this call. A room that nobody wrote to has `head` 0, `earliest` 1 and the log's own epoch;
   * reading it stores nothing.
   */
  read(room: string, after: number, bounds: ReadBounds): Promise<Page>;

  /**
   * The newest messages with an offset smaller than `before` (`Infinity`: from the head), ascending,
   * until `bounds` are reached counting from the newest. Otherwise as `read`.
   */
  readBefore(room: string, before: number, bounds: ReadBounds): Promise<Page>;

  /**
   * A page that is only handed on: what `read` or `readBefore` gives for the question, as `toTextPage` makes one text
   * of it. A log that reads in another thread has it, and makes the text there: to take five hundred messages over,
   * one by one, and to write them anew holds up everybody for a millisecond.
   */
  readText?(question: TextQuestion): Promise<TextPage>;

  /**
   * Messages whose `re` is one of `offsets`, ascending by offset: of each, the newest `perMessage`.
   * Until `bounds` are reached counting from the newest, which is given however large; the oldest
   * are left out.
   */
  related(
    room: string,
    offsets: readonly number[],
    perMessage: number,
    bounds: ReadBounds,
  ): Promise<readonly StoredMessage[]>;

  /**
   * Where the room stands. `after` is the position behind which its newest `newest` messages lie
   * (the head itself for 0; never below `earliest` − 1), so that a join can start its chain there.
   */
  head(room: string, newest?: number): Promise<RoomHead>;

  /**
   * Tells `listener` of every event of the room that is committed after the returned promise fulfils,
   * each once, in order; those of appends that were pending at the call may be told too, even where a
   * read has shown them already (their offsets tell). A batch names the
   * offset that it follows, so that a hole is seen: a log over a network may lose events when its
   * link breaks, and then the next batch does not follow the last one. Where nobody may ever write that
   * batch, such a log tells `missed` itself once it follows again: events of any kind may have been lost
   * before it, and what it says of the room is no older than the moment from which events are told
   * again. The listener must not throw.
   *
   * Together with `head` and `read` this makes a gapless feed: tail first, then read.
   */
  tail(room: string, listener: (event: TailEvent) => void): Promise<Tail>;

  /**
   * Tells `listener` in which rooms something is committed, side rooms included, after the returned promise
   * fulfils: each event of a tail, in order within its room, but without messages. Events that a log over a
   * network loses, of whatever rooms, are told as one `missed` once it tells again. The listener must not throw.
   *
   * Together with `rooms` this finds everything: watch first, then list.
   */
  watch(listener: (change: RoomChange) => void): Promise<Tail>;

  /** Forgets all messages with an offset smaller than `before`; returns the new `earliest`. */
  trim(room: string, before: number): Promise<number>;

  /**
   * Erases one body for good, on disk too; the message keeps its place, with `bodyJson` null.
   * False where there is no such message. Erasing twice is the same as once.
   *
   * With `own` it erases for one who takes back their words: the body only where that identity published
   * it (false, and untouched, otherwise), and with it those of all its messages whose `re` is `offset` and
   * whose own offset is smaller than `own.before`: what it made of its words since.
   */
  redact(room: string, offset: number, own?: OwnWords): Promise<boolean>;

  /**
   * Deletes the room, its messages and its producers. If it is written to again, it has a new epoch
   * and starts at offset 1. False where there was nothing.
   */
  delete(room: string): Promise<boolean>;

  /**
   * Fulfils when nothing of the rooms that were deleted before this call is left in the log's files, with whether
   * anything was. Appends may wait for about as long as copying the whole file takes. What broke off is taken up by
   * the next call, also of a later process. A log without files has none of it.
   */
  purge?(): Promise<boolean>;

  /** Rooms that hold something, by name, `limit` at a time from behind `afterName` on. */
  rooms(afterName: string, limit: number): Promise<readonly RoomSummary[]>;

  /**
   * Fulfils when what this log shows of the room holds every message whose append was fulfilled anywhere before the
   * call, and rejects `unavailable` where that can't be known now. A log that can lag has it: what is beyond its
   * head may be elsewhere. It may cost a record, so it is for the rare case.
   */
  sync?(room: string): Promise<void>;

  /** Finishes what was accepted, then releases everything. Twice is the same as once. */
  close(): Promise<void>;
}

export interface OwnWords {
  readonly from: string;
  readonly before: number;
}

export interface Append {
  readonly room: string;
  /** The identity that publishes. */
  readonly from: string;
  readonly producer: string;
  readonly seq: number;
  readonly afterSeq: number;
  readonly re?: number | undefined;
  /** The body as JSON text. */
  readonly bodyJson: string;
  /**
   * Whether the producer gets a row, and so protection against repetition. Without it the append is
   * unconditional: for plain rooms and keyless requests, whose producers never come back.
   */
  readonly remember: boolean;
  /**
   * What the caller's rates still allow. Duplicates are answered whatever it says, so that a
   * repetition costs nothing.
   *   any             append
   *   known-producer  append only if that makes no new producer's row
   *   duplicate       append nothing
   */
  readonly admit: "any" | "known-producer" | "duplicate";
}

export type AppendResult =
  | {
      readonly kind: "appended";
      readonly epoch: string;
      readonly offset: number;
      readonly at: number;
      /** Whether this append made the producer's row. */
      readonly newProducer: boolean;
    }
  | { readonly kind: "duplicate"; readonly epoch: string; readonly offset: number | undefined }
  | { readonly kind: "out-of-order"; readonly expected: number }
  | { readonly kind: "unknown-producer" }
  /** Would have been appended, but `admit` did not allow it. Nothing was stored. */
  | { readonly kind: "not-admitted" };

/** A message as the log keeps it: its body is JSON text, or null where it was erased. */
export type StoredMessage = EncodableMessage;

export interface ReadBounds {
  readonly maxMessages: number;
  /** Of JSON text of the bodies, in UTF-16 code units or more. */
  readonly maxBytes: number;
}

export interface RoomHead {
  readonly epoch: string;
  /** Offset of the newest message; 0 where there never was one. It stays when messages are trimmed. */
  readonly head: number;
  /** Smallest offset that can still be read, or head + 1 where none can; 1 in a room without messages. */
  readonly earliest: number;
  readonly after: number;
}

export interface Page {
  readonly epoch: string;
  readonly head: number;
  readonly earliest: number;
  readonly messages: readonly StoredMessage[];
  /** More messages lie in the direction that was read. */
  readonly more: boolean;
}

/** Which messages: those behind `after`, ascending, or the newest below `before`, and how many of them. */
export interface TextQuestion {
  readonly room: string;
  readonly from: { readonly after: number } | { readonly before: number };
  /** The bytes are both: of what is read, and of the text in UTF-8 with a comma for each message. */
  readonly bounds: ReadBounds;
}

/** A page as one text. */
export interface TextPage extends Omit<Page, "messages"> {
  /** The messages in JSON, as `encodeMessage` writes each, with commas between them, in UTF-8. */
  readonly text: Uint8Array<ArrayBuffer>;
  /** Of each message in it. */
  readonly offsets: Float64Array;
  /** The identity that published each. */
  readonly authors: readonly string[];
}

export type TailEvent =
  | {
      readonly kind: "messages";
      readonly epoch: string;
      /** The offset of the room's message before these. */
      readonly after: number;
      readonly messages: readonly StoredMessage[];
    }
  | { readonly kind: "redacted"; readonly offset: number }
  | { readonly kind: "trimmed"; readonly earliest: number }
  | { readonly kind: "deleted" }
  /** Events may have been lost: so the room stands now. Its epoch may be another one. */
  | { readonly kind: "missed"; readonly epoch: string; readonly head: number; readonly earliest: number };

export type RoomChange =
  | {
      readonly kind: "written";
      readonly room: string;
      readonly epoch: string;
      /** The offset of the newest message told of. */
      readonly head: number;
    }
  | { readonly kind: "redacted"; readonly room: string; readonly offset: number }
  | { readonly kind: "trimmed"; readonly room: string; readonly earliest: number }
  | { readonly kind: "deleted"; readonly room: string }
  /** Changes of any rooms may have been lost. */
  | { readonly kind: "missed" };

export interface Tail {
  /** No event is told after this call. */
  close(): void;
}

export type LogStatus =
  | { readonly kind: "ready" }
  /** Appends are refused for now; reading works; it goes back to `ready` by itself. */
  | { readonly kind: "full"; readonly message: string }
  /** The log lives elsewhere and can't be reached: everything is refused for now; it comes back by itself. */
  | { readonly kind: "unreachable"; readonly message: string }
  /** Never appends again in this process: what the disk holds can't be vouched for. */
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "closed" };

export interface RoomSummary {
  readonly room: string;
  readonly epoch: string;
  readonly head: number;
  readonly earliest: number;
  readonly messages: number;
  readonly bytes: number;
  /** When its newest message was written, ms since 1970. */
  readonly lastAt: number;
}

/** How much of a room is kept. A room over any of them loses its oldest messages; side rooms are kept whole. */
export interface Retention {
  /** @default Infinity */
  readonly messages: number;
  /** @default Infinity */
  readonly days: number;
  /** Of bodies. @default Infinity */
  readonly bytes: number;
}

export const KEEP_EVERYTHING: Retention = Object.freeze({
  messages: Infinity,
  days: Infinity,
  bytes: Infinity,
});
