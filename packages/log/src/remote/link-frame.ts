/**
 * What travels between a worker and the owner of the log: a kind, a tag, one text and numbers.
 *
 *     4 bytes length of what follows · 1 kind · 8 tag · 4 length of the text · text in UTF-8 · 8 a number
 *
 * All strings of a frame lie in one text, and their lengths among the numbers, so that a frame is built
 * and taken apart with one pass over bytes, whatever it holds; bodies are never parsed. Both ends are
 * processes of one machine, so numbers keep its order of bytes.
 */
export interface LinkFrame {
  readonly kind: LinkFrameKind;
  /** What the frame belongs to: a call, the first of a group of appends, a followed room; or 0. */
  readonly tag: number;
  readonly text: string;
  readonly numbers: Float64Array<ArrayBuffer>;
}

const KINDS = [
  // from the worker
  "hello",
  "append",
  "ask",
  "unfollow",
  "bus-unlisten",
  // from the owner
  "welcome",
  "refused",
  "status",
  "results",
  "page",
  "messages",
  "value",
  "fault",
  "event",
  "change",
  "bus-dropped",
  // from either
  "bus",
] as const;

export type LinkFrameKind = (typeof KINDS)[number];

const LENGTH_BYTES = 4;
const HEAD_BYTES = LENGTH_BYTES + 1 + 8 + 4;
const NUMBER_BYTES = Float64Array.BYTES_PER_ELEMENT;

/** A frame above this is no frame of ours. The largest page that a server asks for is far below. */
const MAX_FRAME_BYTES = 536_870_912;

const NO_NUMBERS = new Float64Array(0);

export function linkFrame(
  kind: LinkFrameKind,
  tag = 0,
  text = "",
  numbers: Float64Array<ArrayBuffer> = NO_NUMBERS,
): LinkFrame {
  return { kind, tag, text, numbers };
}

export function encodeLinkFrame({ kind, tag, text, numbers }: LinkFrame): Buffer {
  const textBytes = Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + textBytes + numbers.byteLength);
  bytes.writeUInt32LE(bytes.length - LENGTH_BYTES, 0);
  bytes.writeUInt8(KINDS.indexOf(kind), 4);
  bytes.writeDoubleLE(tag, 5);
  bytes.writeUInt32LE(textBytes, 13);
  bytes.write(text, HEAD_BYTES, textBytes, "utf8");
  bytes.set(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength), HEAD_BYTES + textBytes);
  return bytes;
}

/** Cuts what comes over a link into frames. */
export class LinkFrameReader {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #needed = LENGTH_BYTES;

  /**
   * The frames that are whole now, in order.
   * @throws {Error} what comes is no link of ours; nothing can be read from it any more.
   */
  take(chunk: Buffer): LinkFrame[] {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < this.#needed) return [];
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#bytes);
    const frames: LinkFrame[] = [];
    let at = 0;
    for (;;) {
      this.#needed = LENGTH_BYTES;
      if (bytes.length - at < this.#needed) break;
      this.#needed += frameLength(bytes.readUInt32LE(at));
      if (bytes.length - at < this.#needed) break;
      frames.push(decodeLinkFrame(bytes.subarray(at, at + this.#needed)));
      at += this.#needed;
    }
    this.#chunks = at === bytes.length ? [] : [bytes.subarray(at)];
    this.#bytes = bytes.length - at;
    return frames;
  }
}

function frameLength(length: number): number {
  if (length < HEAD_BYTES - LENGTH_BYTES || length > MAX_FRAME_BYTES) {
    throw new Error(`a frame of ${length} bytes is none of the log's link`);
  }
  return length;
}

function decodeLinkFrame(bytes: Buffer): LinkFrame {
  const kind = KINDS[bytes.readUInt8(4)];
  const textEnd = HEAD_BYTES + bytes.readUInt32LE(13);
  const numberBytes = bytes.length - textEnd;
  if (kind === undefined || numberBytes < 0 || numberBytes % NUMBER_BYTES !== 0) {
    throw new Error("a frame of the log's link is not built as it must be");
  }
  // Copied: a view of the numbers where they lie would have to begin at a multiple of eight.
  const numbers = new Float64Array(numberBytes / NUMBER_BYTES);
  new Uint8Array(numbers.buffer).set(bytes.subarray(textEnd));
  return { kind, tag: bytes.readDoubleLE(5), text: bytes.toString("utf8", HEAD_BYTES, textEnd), numbers };
}
