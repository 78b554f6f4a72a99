import type { Page, StoredMessage, TailEvent } from "../room-log.ts";
import type { ColumnReader, ColumnWriter } from "./text-columns.ts";

const NO_RE = -1;

export function writeMessages(to: ColumnWriter, messages: readonly StoredMessage[]): void {
  to.number(messages.length);
  for (const { offset, from, producer, seq, at, re, bodyJson } of messages) {
    to.number(offset)
      .string(from)
      .string(producer)
      .number(seq)
      .number(at)
      .number(re ?? NO_RE)
      .string(bodyJson ?? "");
  }
}

export function readMessages(from: ColumnReader): StoredMessage[] {
  const count = from.number();
  const messages: StoredMessage[] = [];
  for (let i = 0; i < count; i++) {
    const offset = from.number();
    const identity = from.string();
    const producer = from.string();
    const seq = from.number();
    const at = from.number();
    const re = from.number();
    // No JSON text is empty, so an empty one stands for a body that was erased.
    const bodyJson = from.string() || null;
    messages.push({
      offset,
      from: identity,
      producer,
      seq,
      at,
      ...(re === NO_RE ? {} : { re }),
      bodyJson,
    });
  }
  return messages;
}

export function writePage(to: ColumnWriter, { epoch, head, earliest, messages, more }: Page): void {
  to.string(epoch)
    .number(head)
    .number(earliest)
    .number(more ? 1 : 0);
  writeMessages(to, messages);
}

export function readPage(from: ColumnReader): Page {
  const epoch = from.string();
  const head = from.number();
  const earliest = from.number();
  const more = from.number() === 1;
  return { epoch, head, earliest, messages: readMessages(from), more };
}

const EVENT_KINDS = ["messages", "redacted", "trimmed", "deleted", "missed"] as const;

export function writeEvent(to: ColumnWriter, event: TailEvent): void {
  to.number(EVENT_KINDS.indexOf(event.kind));
  switch (event.kind) {
    case "messages":
      to.string(event.epoch).number(event.after);
      writeMessages(to, event.messages);
      break;
    case "redacted":
      to.number(event.offset);
      break;
    case "trimmed":
      to.number(event.earliest);
      break;
    case "deleted":
      break;
    case "missed":
      to.string(event.epoch).number(event.head).number(event.earliest);
      break;
  }
}

export function readEvent(from: ColumnReader): TailEvent {
  const kind = EVENT_KINDS[from.number()];
  switch (kind) {
    case "messages": {
      const epoch = from.string();
      const after = from.number();
      return { kind, epoch, after, messages: readMessages(from) };
    }
    case "redacted":
      return { kind, offset: from.number() };
    case "trimmed":
      return { kind, earliest: from.number() };
    case "deleted":
      return { kind };
    case "missed": {
      const epoch = from.string();
      const head = from.number();
      return { kind, epoch, head, earliest: from.number() };
    }
    default:
      throw new Error("the log's link told an event that does not exist");
  }
}
