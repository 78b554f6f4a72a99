import type { Append } from "./room-log.ts";

/** What the log remembers of one producer in one room. */
export interface ProducerMark {
  /** The newest seq that was appended. */
  readonly seq: number;
  /** Where it was put. */
  readonly offset: number;
}

export type OnceDecision =
  | { readonly kind: "append"; readonly newProducer: boolean }
  | { readonly kind: "duplicate"; readonly offset: number | undefined }
  | { readonly kind: "out-of-order"; readonly expected: number }
  | { readonly kind: "unknown-producer" }
  | { readonly kind: "not-admitted" };

const APPEND_OLD: OnceDecision = { kind: "append", newProducer: false };
const APPEND_NEW: OnceDecision = { kind: "append", newProducer: true };
const UNKNOWN_PRODUCER: OnceDecision = { kind: "unknown-producer" };
const NOT_ADMITTED: OnceDecision = { kind: "not-admitted" };

type Question = Pick<Append, "seq" | "afterSeq" | "remember" | "admit">;

/**
 * The table of rule 3, in one place for every log: what becomes of an append, given what is
 * remembered of its producer. `mark` must be undefined where `remember` is false.
 */
export function decideOnce(append: Question, mark: ProducerMark | undefined): OnceDecision {
  if (!append.remember) return append.admit === "duplicate" ? NOT_ADMITTED : APPEND_OLD;
  if (mark === undefined) {
    if (append.afterSeq > 0) return UNKNOWN_PRODUCER;
    return append.admit === "any" ? APPEND_NEW : NOT_ADMITTED;
  }
  if (append.seq <= mark.seq) {
    return { kind: "duplicate", offset: append.seq === mark.seq ? mark.offset : undefined };
  }
  if (mark.seq < append.afterSeq) return { kind: "out-of-order", expected: mark.seq + 1 };
  return append.admit === "duplicate" ? NOT_ADMITTED : APPEND_OLD;
}

/**
 * An append as the question whether it is stored already: a `duplicate` if so. It relies on itself, so else it is refused
 * and never stored; and a node of a cluster refuses by what the cluster has, where what is not admitted is answered by what
 * the node has heard.
 */
export function asQuestion(append: Append): Append {
  return { ...append, afterSeq: append.seq, admit: "duplicate" };
}
