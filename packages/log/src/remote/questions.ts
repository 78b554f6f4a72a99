import type { OwnWords, ReadBounds } from "../room-log.ts";
import { ColumnReader, ColumnWriter } from "./text-columns.ts";

/** What a worker asks the owner, besides appends. Limits may be `Infinity`, so numbers are no JSON. */
export type Question =
  | {
      readonly kind: "read" | "read-before";
      readonly room: string;
      readonly offset: number;
      readonly bounds: ReadBounds;
    }
  | {
      readonly kind: "related";
      readonly room: string;
      readonly offsets: readonly number[];
      readonly perMessage: number;
      readonly bounds: ReadBounds;
    }
  | {
      readonly kind: "head" | "trim";
      readonly room: string;
      /** Of `head`: how many newest; of `trim`: before which. */
      readonly offset: number;
    }
  | {
      readonly kind: "redact";
      readonly room: string;
      readonly offset: number;
      readonly own: OwnWords | undefined;
    }
  | { readonly kind: "delete"; readonly room: string }
  | { readonly kind: "purge" }
  /** What the owner has to say of itself. */
  | { readonly kind: "about" }
  | { readonly kind: "rooms"; readonly afterName: string; readonly limit: number }
  /**
   * Tell the room's events under this number. `again` where they were told before and the link broke
   * since: then `missed` is told, too.
   */
  | { readonly kind: "follow"; readonly room: string; readonly number: number; readonly again: boolean }
  /** Tell of every room in which something is committed. */
  | { readonly kind: "watch" }
  /** Pass on what other workers say on that channel of the bus. */
  | { readonly kind: "bus-listen"; readonly channel: string }
  /** Answered behind everything that was told before. */
  | { readonly kind: "fence" };

const KINDS = [
  "read",
  "read-before",
  "related",
  "head",
  "trim",
  "redact",
  "delete",
  "rooms",
  "follow",
  "fence",
  "bus-listen",
  "watch",
  "purge",
  "about",
] as const satisfies readonly Question["kind"][];

export function packQuestion(question: Question): ColumnWriter {
  const to = new ColumnWriter().number(KINDS.indexOf(question.kind));
  switch (question.kind) {
    case "read":
    case "read-before":
      return writeBounds(to.string(question.room).number(question.offset), question.bounds);
    case "related":
      writeBounds(to.string(question.room).number(question.perMessage), question.bounds);
      for (const offset of question.offsets) to.number(offset);
      return to;
    case "head":
    case "trim":
      return to.string(question.room).number(question.offset);
    case "redact": {
      const { room, offset, own } = question;
      to.string(room).number(offset);
      return own === undefined ? to : to.string(own.from).number(own.before);
    }
    case "delete":
      return to.string(question.room);
    case "rooms":
      return to.string(question.afterName).number(question.limit);
    case "follow":
      return to
        .string(question.room)
        .number(question.number)
        .number(question.again ? 1 : 0);
    case "bus-listen":
      return to.string(question.channel);
    case "about":
    case "fence":
    case "purge":
    case "watch":
      return to;
  }
}

export function unpackQuestion(columns: { readonly text: string; readonly numbers: Float64Array }): Question {
  const from = new ColumnReader(columns);
  const kind = KINDS[from.number()];
  switch (kind) {
    case "read":
    case "read-before": {
      const room = from.string();
      const offset = from.number();
      return { kind, room, offset, bounds: readBounds(from) };
    }
    case "related": {
      const room = from.string();
      const perMessage = from.number();
      const bounds = readBounds(from);
      const offsets: number[] = [];
      while (!from.isAtEnd) offsets.push(from.number());
      return { kind, room, offsets, perMessage, bounds };
    }
    case "head":
    case "trim": {
      const room = from.string();
      return { kind, room, offset: from.number() };
    }
    case "redact": {
      const room = from.string();
      const offset = from.number();
      if (from.isAtEnd) return { kind, room, offset, own: undefined };
      const by = from.string();
      return { kind, room, offset, own: { from: by, before: from.number() } };
    }
    case "delete":
      return { kind, room: from.string() };
    case "rooms": {
      const afterName = from.string();
      return { kind, afterName, limit: from.number() };
    }
    case "follow": {
      const room = from.string();
      const number = from.number();
      return { kind, room, number, again: from.number() === 1 };
    }
    case "bus-listen":
      return { kind, channel: from.string() };
    case "about":
    case "fence":
    case "purge":
    case "watch":
      return { kind };
    default:
      throw new Error("the log's link asked what does not exist");
  }
}

function writeBounds(to: ColumnWriter, { maxMessages, maxBytes }: ReadBounds): ColumnWriter {
  return to.number(maxMessages).number(maxBytes);
}

function readBounds(from: ColumnReader): ReadBounds {
  const maxMessages = from.number();
  return { maxMessages, maxBytes: from.number() };
}
