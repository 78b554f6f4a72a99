import { CodedError } from "@parlor/base";
import type { CopiedProducer, CopiedRoom, StoredMessage } from "@parlor/log";
import type { Draft } from "./decide-batch.ts";
import type { CopiedMark, CopiedPart, RecordMessage } from "./record.ts";
import { producerKey } from "./room-fold.ts";

/** What one record of a copied room holds at most; retention goes by records, so it spans no long time either. */
const MAX_MESSAGES = 500;
const MAX_BYTES = 400_000;
const MAX_SPAN_MS = 3_600_000;
/** Of what a record says beside a body. */
const ROOM_FOR_MORE_BYTES = 4_096;

export type CopiedDraft = Draft & { readonly base: number; readonly copy: CopiedPart };

export interface CopiedDrafts {
  readonly room: CopiedRoom;
  readonly source: string;
  /** The offset behind which the messages lie. */
  readonly after: number;
  /** Whether what was copied before does not count, or is added to; else it is gone on with. */
  readonly kind: "first" | "rest" | "more";
  /** @default the room's */
  readonly producers?: readonly CopiedProducer[] | undefined;
  readonly messages: AsyncIterable<readonly StoredMessage[]>;
  readonly maxPayloadBytes: number;
  readonly now: () => number;
}

/**
 * The records that a room is copied as: its messages, then its producers, then what it is.
 * @throws {CodedError} `too-large`: a message that this cluster takes in no record.
 */
export async function* copiedDrafts(wanted: CopiedDrafts): AsyncGenerator<CopiedDraft> {
  const { room, source, maxPayloadBytes, now } = wanted;
  const maxBytes = Math.min(MAX_BYTES, Math.floor(maxPayloadBytes / 3));
  let isFirst = wanted.kind === "first";
  let base = wanted.after;
  let held: StoredMessage[] = [];
  let heldBytes = 0;
  const draft = (more: Pick<CopiedPart, "producers" | "end">): CopiedDraft => {
    const what =
      wanted.kind === "more" ? { isMore: true as const } : isFirst ? { isFirst: true as const } : {};
    const copy = { ...what, source, ...more };
    const made = {
      at: now(),
      base,
      ats: held.map(({ at }) => at),
      messages: held.map(recordMessage),
      copy,
    };
    isFirst = false;
    base += held.length;
    [held, heldBytes] = [[], 0];
    return made;
  };
  for await (const page of wanted.messages) {
    for (const message of page) {
      const bytes = sizeOf(message);
      if (bytes + ROOM_FOR_MORE_BYTES > maxPayloadBytes) throw tooLarge(room.room, message, maxPayloadBytes);
      const isFull = held.length >= MAX_MESSAGES || heldBytes + bytes > maxBytes;
      if (held.length > 0 && (isFull || message.at - (held[0]?.at ?? 0) > MAX_SPAN_MS)) yield draft({});
      held.push(message);
      heldBytes += bytes;
    }
  }
  if (heldBytes > maxBytes) yield draft({});
  const { epoch, head, earliest, lastAt } = room;
  let marks: CopiedMark[] = [];
  let markBytes = 0;
  for (const { from, producer, seq, offset, usedAt } of wanted.producers ?? room.producers) {
    const mark: CopiedMark = [producerKey(from, producer), seq, offset, usedAt];
    const bytes = Buffer.byteLength(JSON.stringify(mark));
    if (markBytes + bytes > maxBytes) {
      yield draft({ producers: marks });
      [marks, markBytes] = [[], 0];
    }
    marks.push(mark);
    markBytes += bytes;
  }
  yield draft({ producers: marks, end: { epoch, head, earliest, lastAt } });
}

function recordMessage({ from, producer, seq, re, bodyJson }: StoredMessage): RecordMessage {
  // Whom the room remembers is said by the marks.
  return { from, producer, seq, re, remember: false, bodyJson };
}

/** A bound on what it takes in a record. */
function sizeOf({ from, producer, bodyJson }: StoredMessage): number {
  return Buffer.byteLength(JSON.stringify([from, producer])) + Buffer.byteLength(bodyJson ?? "") + 80;
}

function tooLarge(room: string, { offset, bodyJson }: StoredMessage, maxPayloadBytes: number): CodedError {
  const bytes = Buffer.byteLength(bodyJson ?? "");
  return new CodedError(
    "too-large",
    `message ${offset} of the room ${JSON.stringify(room)} has ${bytes} bytes, and this NATS takes ${maxPayloadBytes} in all (max_payload); raise that, and say it again`,
  );
}
