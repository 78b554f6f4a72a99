import type { Lost, Position } from "@parlor/protocol";

/**
 * What the parties of a run saw, one event each, for `checkHistory` to judge. Written as JSON lines.
 *
 * Events of one subscriber are in the order in which it saw them; between parties the order does not
 * matter, so the records of several processes may simply be put one behind the other.
 */
export type HistoryEvent =
  | PublishEvent
  | SubscribedEvent
  | MessagesEvent
  | LeftEvent
  | HistoryReadEvent
  | DeletedEvent
  | LogEvent;

/**
 * One step in the life of a publish.
 *   invoke  it was sent (each repetition may say so again)
 *   ok      it was acknowledged, as appended or as a duplicate
 *   fail    it was refused for good: nobody may ever see it
 *   info    its sender stopped asking and does not know
 */
export type PublishEvent = {
  readonly kind: "publish";
  readonly room: string;
  /** Unique over all identities of the run. */
  readonly producer: string;
  readonly seq: number;
} & (
  | { readonly outcome: "invoke"; readonly body: string }
  /** Epoch null: the answer did not say it. Offset null: a duplicate's answer that did not say it. */
  | { readonly outcome: "ok"; readonly epoch: string | null; readonly offset: number | null }
  | { readonly outcome: "fail" }
  | { readonly outcome: "info" }
);

/** A chain begins or begins again. */
export interface SubscribedEvent {
  readonly kind: "subscribed";
  readonly subscriber: string;
  readonly room: string;
  /** The subscriber's cursor until now; null where it came for the first time. */
  readonly cursor: Position | null;
  readonly epoch: string;
  readonly after: number;
  readonly lost: Lost | null;
  readonly skipped: { readonly from: number; readonly to: number } | null;
}

/** Messages that followed the offset `after`. */
export interface MessagesEvent {
  readonly kind: "messages";
  readonly subscriber: string;
  readonly room: string;
  readonly epoch: string;
  readonly after: number;
  readonly entries: readonly HistoryEntry[];
}

/** The subscriber wants no more of the room. */
export interface LeftEvent {
  readonly kind: "left";
  readonly subscriber: string;
  readonly room: string;
}

/** A page of history: between its first and its last entry nothing is left out. */
export interface HistoryReadEvent {
  readonly kind: "history";
  readonly reader: string;
  readonly room: string;
  readonly epoch: string;
  readonly entries: readonly HistoryEntry[];
}

/** A room was deleted, and that epoch of it has ended. What nobody had seen of it can't be looked for. */
export interface DeletedEvent {
  readonly kind: "deleted";
  readonly room: string;
  readonly epoch: string;
}

/** All that the log holds of a room when the run is over. */
export interface LogEvent {
  readonly kind: "log";
  readonly room: string;
  readonly epoch: string;
  readonly earliest: number;
  readonly entries: readonly HistoryEntry[];
}

/** A message as somebody saw it. */
export interface HistoryEntry {
  readonly offset: number;
  readonly producer: string;
  readonly seq: number;
  /** Unique for each publish; null where it was erased. */
  readonly body: string | null;
}

/**
 * What can be wrong with a history.
 *   lost-write          acknowledged, and not in the log, or seen by nobody although others behind it were
 *   misplaced           acknowledged at another offset than where it is, or at two offsets
 *   duplicate           one publish at two offsets, or told twice to one subscriber
 *   nonmonotonic        a subscriber was told an offset that is not greater than the one before
 *   skip                a subscriber's chain has a hole that nobody told it of
 *   false-lost          told as lost, and still there
 *   invented            nobody published it, or it was refused
 *   altered             its body is another one than was published
 *   reordered-producer  a producer's messages stand in another order than it sent them
 *   disagreement        two parties saw different messages at one offset
 *   behind              the run was over, and a subscriber had not come to the end
 *   ack-before-durable  an answer left before what it answers for was on disk
 */
export type ViolationName =
  | "lost-write"
  | "misplaced"
  | "duplicate"
  | "nonmonotonic"
  | "skip"
  | "false-lost"
  | "invented"
  | "altered"
  | "reordered-producer"
  | "disagreement"
  | "behind"
  | "ack-before-durable";

export interface Violation {
  readonly name: ViolationName;
  readonly message: string;
}
