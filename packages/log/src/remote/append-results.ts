import { CodedError } from "@parlor/base";
import type { AppendResult } from "../room-log.ts";
import type { ColumnReader, ColumnWriter } from "./text-columns.ts";

/** What became of one append: the log's answer, or why it gave none. */
export type AppendOutcome = AppendResult | { readonly kind: "fault"; readonly fault: LinkFault };

/** An error on its way from the owner to a worker. */
export interface LinkFault {
  /** The log can't serve it now. Anything else is a fault of the owner's own. */
  readonly isUnavailable: boolean;
  readonly message: string;
  readonly retryAfterMs: number | undefined;
}

const KINDS = ["appended", "duplicate", "out-of-order", "unknown-producer", "not-admitted", "fault"] as const;
const NO_OFFSET = 0;
const NO_WAIT = -1;

export function faultOf(error: unknown): LinkFault {
  const isCoded = error instanceof CodedError;
  return {
    isUnavailable: isCoded && error.code === "unavailable",
    message: error instanceof Error ? error.message : String(error),
    retryAfterMs: isCoded ? error.retryAfterMs : undefined,
  };
}

export function errorOf({ isUnavailable, message, retryAfterMs }: LinkFault): Error {
  if (!isUnavailable) return new Error(`the log's owner met a fault: ${message}`);
  return new CodedError("unavailable", message, retryAfterMs === undefined ? {} : { retryAfterMs });
}

export function writeFault(to: ColumnWriter, { isUnavailable, message, retryAfterMs }: LinkFault): void {
  to.number(isUnavailable ? 1 : 0)
    .string(message)
    .number(retryAfterMs ?? NO_WAIT);
}

export function readFault(from: ColumnReader): LinkFault {
  const isUnavailable = from.number() === 1;
  const message = from.string();
  const retryAfterMs = from.number();
  return { isUnavailable, message, retryAfterMs: retryAfterMs === NO_WAIT ? undefined : retryAfterMs };
}

/** @param id  Which append of its link it was. */
export function writeOutcome(to: ColumnWriter, id: number, outcome: AppendOutcome): void {
  to.number(id).number(KINDS.indexOf(outcome.kind));
  switch (outcome.kind) {
    case "appended":
      to.string(outcome.epoch)
        .number(outcome.offset)
        .number(outcome.at)
        .number(outcome.newProducer ? 1 : 0);
      break;
    case "duplicate":
      to.string(outcome.epoch).number(outcome.offset ?? NO_OFFSET);
      break;
    case "out-of-order":
      to.number(outcome.expected);
      break;
    case "unknown-producer":
    case "not-admitted":
      break;
    case "fault":
      writeFault(to, outcome.fault);
      break;
  }
}

export function readOutcome(from: ColumnReader): { readonly id: number; readonly outcome: AppendOutcome } {
  return { id: from.number(), outcome: readOne(from) };
}

function readOne(from: ColumnReader): AppendOutcome {
  const kind = KINDS[from.number()];
  switch (kind) {
    case "appended": {
      const epoch = from.string();
      const offset = from.number();
      const at = from.number();
      return { kind, epoch, offset, at, newProducer: from.number() === 1 };
    }
    case "duplicate": {
      const epoch = from.string();
      const offset = from.number();
      return { kind, epoch, offset: offset === NO_OFFSET ? undefined : offset };
    }
    case "out-of-order":
      return { kind, expected: from.number() };
    case "unknown-producer":
    case "not-admitted":
      return { kind };
    case "fault":
      return { kind, fault: readFault(from) };
    default:
      throw new Error("the log's link answered with a result that does not exist");
  }
}
