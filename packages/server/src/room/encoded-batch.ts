import type { StoredMessage } from "@parlor/log";
import { encodeMessage, MAX_MESSAGES_FRAME_BYTES } from "@parlor/protocol";

/**
 * How one transport writes a batch. The same object must be used for the same form, since it is the
 * key under which a batch keeps the bytes: encoded once, shared by every subscriber of that form.
 */
export interface BatchEncoder {
  /** The bytes to write, or null where this form shows nothing of the batch. */
  encode(batch: EncodedBatch): Buffer | null;
  /**
   * Whether its bytes can be many times what the messages take. They are shared by all who are sent them at
   * the same time, and not kept with the batch, which counts bytes of about the messages' own size.
   * @default false
   */
  readonly isBulky?: boolean;
}

/**
 * Consecutive messages of one room, with the bytes of each form that a transport asked for.
 *
 * A batch follows `after` and ends at `last`; whoever takes it moves their cursor from one to the other.
 */
export class EncodedBatch {
  readonly room: string;
  readonly epoch: string;
  readonly after: number;
  readonly messages: readonly StoredMessage[];
  /** Each message as JSON text, in the same order. */
  readonly texts: readonly string[];
  readonly #forms = new Map<BatchEncoder, Buffer | WeakRef<Buffer> | null>();

  constructor(
    room: string,
    epoch: string,
    after: number,
    messages: readonly StoredMessage[],
    texts: readonly string[] = messages.map(encodeMessage),
  ) {
    this.room = room;
    this.epoch = epoch;
    this.after = after;
    this.messages = messages;
    this.texts = texts;
  }

  /** Offset of the newest message in it; `after` where it is empty. */
  get last(): number {
    return this.messages.at(-1)?.offset ?? this.after;
  }

  /** About how much memory it holds: of each message the body, its text and, in one form, its bytes. */
  get bytes(): number {
    let bytes = 0;
    for (const text of this.texts) bytes += 3 * text.length;
    return bytes;
  }

  bytesFor(encoder: BatchEncoder): Buffer | null {
    const form = this.#forms.get(encoder);
    const shared = form instanceof WeakRef ? form.deref() : form;
    if (shared !== undefined) return shared;
    const bytes = encoder.encode(this);
    const isWeak = encoder.isBulky === true && bytes !== null;
    // What is referred to weakly lives to the end of this turn, so a fan-out encodes it once.
    this.#forms.set(encoder, isWeak ? new WeakRef(bytes) : bytes);
    return bytes;
  }

  /** What of this batch lies behind `cursor`; the batch itself where that is all of it. */
  behind(cursor: number): EncodedBatch {
    if (cursor <= this.after) return this;
    const from = this.messages.findIndex((message) => message.offset > cursor);
    const start = from === -1 ? this.messages.length : from;
    return new EncodedBatch(
      this.room,
      this.epoch,
      cursor,
      this.messages.slice(start),
      this.texts.slice(start),
    );
  }
}

/** Cuts messages into batches of at most 64 KiB of text each; a larger message travels alone. */
export function cutIntoBatches(
  room: string,
  epoch: string,
  after: number,
  messages: readonly StoredMessage[],
): EncodedBatch[] {
  const batches: EncodedBatch[] = [];
  let from = 0;
  let bytes = 0;
  let texts: string[] = [];
  let follows = after;
  const cut = (to: number): void => {
    const part = messages.slice(from, to);
    batches.push(new EncodedBatch(room, epoch, follows, part, texts));
    follows = part.at(-1)?.offset ?? follows;
    from = to;
    bytes = 0;
    texts = [];
  };
  // What surrounds the messages in a frame counts too: the room's name escaped, and the members' names.
  const envelopeBytes = 128 + Buffer.byteLength(JSON.stringify(room));
  messages.forEach((message, index) => {
    const text = encodeMessage(message);
    const textBytes = Buffer.byteLength(text) + 1;
    if (texts.length > 0 && envelopeBytes + bytes + textBytes > MAX_MESSAGES_FRAME_BYTES) cut(index);
    texts.push(text);
    bytes += textBytes;
  });
  if (texts.length > 0) cut(messages.length);
  return batches;
}
