/**
 * A record: what one node proposes for one room, as one message of a stream.
 *
 * It is valid if, and only if, `prev` is the stream's sequence of the room's last valid record and `prevId` its id; the
 * rest is void. The id is there since a copy of a stream may hold another record at a sequence than the other copies.
 * So whatever the broker lets in, twice, late or from several writers at once, every node that reads the room's
 * records in their order comes to the same room. Bodies are never parsed: they stand behind the rest, end to end.
 *
 *     {"id":…,"epoch":…,"prev":…,"base":…,"at":…,"messages":[[from,producer,seq,re,remember,length],…],…}
 *     {"text":"first body"}{"text":"second body"}…
 */
export interface RoomRecord {
  /** Of the proposal; its copies have the same. */
  readonly id: string;
  /** The room's epoch as its proposer knows it. */
  readonly epoch: string;
  /** Stream sequence of the valid record that this one follows; 0 for a room's first. */
  readonly prev: number;
  /** Its id; empty for a room's first. */
  readonly prevId: string;
  /** The room's head before its messages. */
  readonly base: number;
  /** ms since 1970, by its proposer's clock, and not before the room's newest message. */
  readonly at: number;
  readonly messages: readonly RecordMessage[];
  /** Producers, as `from`, `producer`, that were used without a message. */
  readonly touched?: readonly (readonly [string, string])[];
  /** Producers last used before it are forgotten. */
  readonly forget?: number;
  /** Forget what lies before this offset. */
  readonly trim?: number;
  /** Offsets whose bodies are erased. */
  readonly redact?: readonly number[];
  /** Stream sequences of records that are no longer in the stream with a body that was to be erased. */
  readonly erased?: readonly number[];
  readonly isDelete?: true;
  /** The stream lost records that were valid: from here on the room's history is another one. */
  readonly restart?: string;
  /** When each of its messages was written, where that is not `at`; ms since 1970. */
  readonly ats?: readonly number[];
  /** It is a part of a room that is copied from another log. */
  readonly copy?: CopiedPart;
}

/**
 * A room is copied as records that follow each other, and holds nothing until the last of them, with which it is at
 * once what was copied. A record with messages of its own that comes in between ends the copy. What is added to a room
 * of an earlier copy counts at once.
 */
export interface CopiedPart {
  /** Its messages are the first: what was copied before does not count. */
  readonly isFirst?: true;
  /** It adds to a room that was copied before, as any record does: with it they are the room's. */
  readonly isMore?: true;
  /** Of whose copy it is. */
  readonly source: string;
  readonly producers?: readonly CopiedMark[];
  /** What the room is from here on. */
  readonly end?: {
    readonly epoch: string;
    readonly head: number;
    readonly earliest: number;
    readonly lastAt: number;
  };
}

/** A producer's mark. */
export type CopiedMark = readonly [key: string, seq: number, offset: number, usedAt: number];

export interface RecordMessage {
  readonly from: string;
  readonly producer: string;
  readonly seq: number;
  readonly re: number | undefined;
  readonly remember: boolean;
  /** Null where it was erased. */
  readonly bodyJson: string | null;
}

type Head = Omit<RoomRecord, "messages"> & {
  readonly messages: readonly (readonly [string, string, number, number, 0 | 1, number])[];
};

const NO_RE = -1;
const ERASED = -1;

export function encodeRecord(record: RoomRecord): Buffer {
  const bodies: string[] = [];
  const messages = record.messages.map(({ from, producer, seq, re, remember, bodyJson }) => {
    if (bodyJson !== null) bodies.push(bodyJson);
    const length = bodyJson === null ? ERASED : bodyJson.length;
    return [from, producer, seq, re ?? NO_RE, remember ? 1 : 0, length] as const;
  });
  const head: Head = { ...record, messages };
  return Buffer.from(`${JSON.stringify(head)}\n${bodies.join("")}`);
}

/** Null for what is no record of ours; every node finds that of the same bytes. */
export function decodeRecord(bytes: Uint8Array): RoomRecord | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  const end = text.indexOf("\n");
  if (end < 0) return null;
  let head: Partial<Head>;
  try {
    head = JSON.parse(text.slice(0, end)) as Partial<Head>;
  } catch {
    return null;
  }
  const { id, epoch, prev, prevId, base, at, messages } = head;
  if ([id, epoch, prevId].some((text) => typeof text !== "string") || !Array.isArray(messages)) return null;
  if (![prev, base, at].every((number) => Number.isSafeInteger(number))) return null;
  let from = end + 1;
  const decoded: RecordMessage[] = [];
  for (const [author, producer, seq, re, remember, length] of messages as Head["messages"]) {
    const bodyJson = length === ERASED ? null : text.slice(from, from + length);
    from += Math.max(0, length);
    const message = {
      from: author,
      producer,
      seq,
      re: re === NO_RE ? undefined : re,
      remember: remember === 1,
    };
    decoded.push({ ...message, bodyJson });
  }
  return { ...(head as Head), messages: decoded };
}
