/** Bytes of texts whose last part has not come, of one channel. */
const MAX_WAITING_BYTES = 33_554_432;

/** So many of a part beside its bytes, at most. */
export const PART_HEAD_BYTES = 128;

/** A text, or a part of one: a server of NATS takes a mebibyte at once. */
export interface BusPart {
  readonly sender: string;
  /** Which of its sender's texts. */
  readonly text: number;
  readonly index: number;
  readonly count: number;
  readonly bytes: Uint8Array;
}

/** `SENDER TEXT INDEX COUNT` on a line of its own, and the bytes. */
export function packPart({ sender, text, index, count, bytes }: BusPart): Uint8Array {
  return Buffer.concat([Buffer.from(`${sender} ${text} ${index} ${count}\n`), bytes]);
}

/** Null where it is none: whoever may write to the cluster may write anything. */
export function unpackPart(packed: Uint8Array): BusPart | null {
  const end = packed.subarray(0, PART_HEAD_BYTES).indexOf(10);
  const head = Buffer.from(packed.buffer, packed.byteOffset, Math.max(0, end)).toString("latin1");
  const match = /^([A-Za-z0-9_-]{1,64}) (\d{1,15}) (\d{1,6}) (\d{1,6})$/.exec(head);
  if (match === null) return null;
  const [, sender = "", text, index, count] = match;
  return {
    sender,
    text: Number(text),
    index: Number(index),
    count: Number(count),
    bytes: packed.subarray(end + 1),
  };
}

interface Begun {
  readonly text: number;
  readonly parts: readonly Uint8Array[];
  readonly size: number;
}

/** Puts the texts of one channel together. A text of which a part was lost is none. */
export class BusTexts {
  /** By sender: each sends one text after the other. */
  readonly #begun = new Map<string, Begun>();
  #waitingBytes = 0;

  /** The text that is whole with this part; null where there is none: more is to come, or something was lost. */
  take({ sender, text, index, count, bytes }: BusPart): string | null {
    const begun = this.#forget(sender);
    if (count === 1) return Buffer.from(bytes).toString();
    const before = index === 0 ? { text, parts: [], size: 0 } : begun;
    if (before === undefined || before.text !== text || before.parts.length !== index) return null;
    const parts = [...before.parts, bytes];
    if (parts.length === count) return Buffer.concat(parts).toString();
    const size = before.size + bytes.length;
    if (this.#waitingBytes + size > MAX_WAITING_BYTES) return null;
    this.#begun.set(sender, { text, parts, size });
    this.#waitingBytes += size;
    return null;
  }

  #forget(sender: string): Begun | undefined {
    const begun = this.#begun.get(sender);
    this.#begun.delete(sender);
    this.#waitingBytes -= begun?.size ?? 0;
    return begun;
  }
}
