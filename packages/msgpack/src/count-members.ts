/**
 * What stands in the way of reading a message as MessagePack, in words; else how many members its maps have.
 *
 * The library is asked only about what passed here. By itself it makes room for as many elements as a head
 * announces, whether they come or not; here every head is followed to its end first, so that what is read takes
 * memory by the bytes that came. Extension types, keys that are no text, and text that is not UTF-8 are none of
 * the protocol's either.
 */
export function countMembers(bytes: Uint8Array, maxNesting: number): number | string {
  const walk = new Walk(bytes, maxNesting);
  while (!walk.isDone) {
    const fault = walk.step();
    if (fault !== null) return fault;
  }
  return walk.at === bytes.length ? walk.members : "not one value of MessagePack: something follows it";
}

const CUT = "cut short";
const TEXT = new TextDecoder("utf-8", { fatal: true });
/** Where the platform's own check is quicker than looking at each byte. */
const LONG_TEXT_BYTES = 48;

class Walk {
  at = 0;
  members = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #maxNesting: number;
  /** Values that are still to come, in each array and map that is open; a map's keys and values count both. */
  readonly #left: number[] = [1];
  readonly #isMap: boolean[] = [false];

  constructor(bytes: Uint8Array, maxNesting: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#maxNesting = maxNesting;
  }

  get isDone(): boolean {
    return this.#left.length === 0;
  }

  /** Passes one head, with the bytes that belong to it. */
  step(): string | null {
    const last = this.#left.length - 1;
    const left = this.#left[last] as number;
    if (left === 0) {
      this.#left.pop();
      this.#isMap.pop();
      return null;
    }
    this.#left[last] = left - 1;
    const head = this.#bytes[this.at];
    if (head === undefined) return CUT;
    this.at += 1;
    const isKey = this.#isMap[last] === true && left % 2 === 0;
    if (head >= 0xa0 && head < 0xc0) return this.#text(head - 0xa0);
    if (head >= 0xd9 && head <= 0xdb) return this.#text(this.#length(head - 0xd9));
    if (isKey) return "not taken: it has a member whose name is no text";
    if (head < 0x80 || head >= 0xe0) return null;
    if (head < 0x90) return this.#open(head - 0x80, true);
    if (head < 0xa0) return this.#open(head - 0x90, false);
    return this.#other(head);
  }

  #other(head: number): string | null {
    if (head === 0xc0 || head === 0xc2 || head === 0xc3) return null;
    if (head >= 0xc4 && head <= 0xc6) return this.#skip(this.#length(head - 0xc4));
    if (head === 0xca) return this.#skip(4);
    if (head === 0xcb) return this.#skip(8);
    if (head >= 0xcc && head <= 0xcf) return this.#skip(1 << (head - 0xcc));
    if (head >= 0xd0 && head <= 0xd3) return this.#skip(1 << (head - 0xd0));
    if (head === 0xdc || head === 0xdd) return this.#open(this.#length(head - 0xdb), false);
    if (head === 0xde || head === 0xdf) return this.#open(this.#length(head - 0xdd), true);
    if (head === 0xc1) return "not valid MessagePack";
    return "not taken: it has an extension type";
  }

  /** The length that stands in 1, 2 or 4 bytes; beyond any message where those are missing. */
  #length(size: number): number {
    const { at } = this;
    this.at += 1 << size;
    if (this.at > this.#bytes.length) return Infinity;
    if (size === 0) return this.#view.getUint8(at);
    return size === 1 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  #skip(length: number): string | null {
    this.at += length;
    return this.at > this.#bytes.length ? CUT : null;
  }

  #open(length: number, isMap: boolean): string | null {
    const values = isMap ? 2 * length : length;
    // Each takes a byte at least.
    if (values > this.#bytes.length - this.at) return CUT;
    if (this.#left.length > this.#maxNesting)
      return `not taken: it is nested deeper than ${this.#maxNesting}`;
    if (isMap) this.members += length;
    this.#left.push(values);
    this.#isMap.push(isMap);
    return null;
  }

  #text(length: number): string | null {
    const { at } = this;
    const fault = this.#skip(length);
    if (fault !== null) return fault;
    if (length < LONG_TEXT_BYTES) {
      let isAscii = true;
      for (let i = at; i < this.at; i++) if ((this.#bytes[i] as number) >= 0x80) isAscii = false;
      if (isAscii) return null;
    }
    try {
      TEXT.decode(this.#bytes.subarray(at, this.at));
      return null;
    } catch {
      return "not taken: it has text that is not UTF-8";
    }
  }
}
