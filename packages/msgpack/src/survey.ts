/** What was seen of a message on the way over it. */
export interface Survey {
  /** Members of all its maps. */
  readonly members: number;
  /** Whether there are bytes in it, or names with a `$` in front: what has to be put in order when it is read. */
  readonly isPlain: boolean;
}

const CUT = "cut short";
const NO_TEXT = "not taken: it has a member whose name is no text";
const TEXT = new TextDecoder("utf-8", { fatal: true });
/** Where the platform's own check is quicker than looking at each byte. */
const LONG_TEXT_BYTES = 48;
const DOLLAR = 36;

/**
 * Goes over a message to its end, and says what stands in the way of reading it as MessagePack.
 *
 * The library is asked only about what passed here. By itself it makes room for as many elements as a head
 * announces, whether they come or not; here every head is followed to its end first, so that what is read takes
 * memory by the bytes that came. Extension types, names that are no text, and text that is not UTF-8 are none of
 * the protocol's either.
 *
 * One function, since it is the price of every message that comes: it takes a part of what reading takes.
 */
export function survey(bytes: Uint8Array, maxNesting: number): Survey | string {
  const end = bytes.length;
  /** Values that are still to come in each list and map that is open, twice for each member of a map; with its kind. */
  const left: number[] = [];
  const kinds: boolean[] = [];
  let remaining = 1;
  let isMap = false;
  let at = 0;
  let members = 0;
  let isPlain = true;
  for (;;) {
    while (remaining === 0) {
      if (left.length === 0) {
        return at === end ? { members, isPlain } : "not one value of MessagePack: something follows it";
      }
      remaining = left.pop() as number;
      isMap = kinds.pop() as boolean;
    }
    const isName = isMap && remaining % 2 === 0;
    remaining -= 1;
    if (at >= end) return CUT;
    const head = bytes[at++] as number;
    if (head < 0x80 || head >= 0xe0) {
      if (isName) return NO_TEXT;
      continue;
    }
    /** Of what follows the head: bytes where it is no list or map, else elements. */
    let length = 0;
    let opens: "list" | "map" | null = null;
    let isText = false;
    if (head >= 0xa0 && head < 0xc0) {
      length = head - 0xa0;
      isText = true;
    } else if (head < 0x90) {
      length = head - 0x80;
      opens = "map";
    } else if (head < 0xa0) {
      length = head - 0x90;
      opens = "list";
    } else {
      const form = FORMS[head - 0xc0] as Form;
      if (typeof form === "string") return form;
      length = form.bytes;
      if (form.lengthBytes > 0) {
        if (at + form.lengthBytes > end) return CUT;
        for (let i = 0; i < form.lengthBytes; i++) length = length * 256 + (bytes[at++] as number);
      }
      if (form.opens === "bytes") isPlain = false;
      else if (form.opens === "text") isText = true;
      else opens = form.opens;
    }
    if (isName && !isText) return NO_TEXT;
    if (opens !== null) {
      const values = opens === "map" ? 2 * length : length;
      if (left.length >= maxNesting) return `not taken: it is nested deeper than ${maxNesting}`;
      left.push(remaining);
      kinds.push(isMap);
      remaining = values;
      isMap = opens === "map";
      if (isMap) members += length;
      continue;
    }
    if (length > end - at) return CUT;
    if (isText && !isUtf8(bytes, at, length)) return "not taken: it has text that is not UTF-8";
    if (isName && bytes[at] === DOLLAR) isPlain = false;
    at += length;
  }
}

function isUtf8(bytes: Uint8Array, from: number, length: number): boolean {
  const to = from + length;
  if (length < LONG_TEXT_BYTES) {
    let at = from;
    while (at < to && (bytes[at] as number) < 0x80) at += 1;
    if (at === to) return true;
  }
  try {
    TEXT.decode(bytes.subarray(from, to));
    return true;
  } catch {
    return false;
  }
}

type Form =
  | string
  | {
      readonly opens: "list" | "map" | "text" | "bytes" | null;
      readonly bytes: number;
      readonly lengthBytes: number;
    };

const plain = (bytes: number): Form => ({ opens: null, bytes, lengthBytes: 0 });
const sized = (opens: "list" | "map" | "text" | "bytes", lengthBytes: number): Form => ({
  opens,
  bytes: 0,
  lengthBytes,
});
const EXTENSION = "not taken: it has an extension type";

/** What the heads from 0xc0 to 0xdf announce, or why there is no such thing here. */
const FORMS: readonly Form[] = [
  ...[plain(0), "not valid MessagePack", plain(0), plain(0)],
  ...[1, 2, 4].map((size) => sized("bytes", size)),
  ...[EXTENSION, EXTENSION, EXTENSION],
  ...[4, 8].map(plain),
  ...[1, 2, 4, 8, 1, 2, 4, 8].map(plain),
  ...[EXTENSION, EXTENSION, EXTENSION, EXTENSION, EXTENSION],
  ...[1, 2, 4].map((size) => sized("text", size)),
  ...[2, 4].map((size) => sized("list", size)),
  ...[2, 4].map((size) => sized("map", size)),
];
