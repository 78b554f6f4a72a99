import { MAX_NESTING } from "./limits.ts";

/**
 * Bodies that are, or hold, bytes. As JSON text bytes are an object with the one member `$bytes`, their
 * base64url without padding. An object that really has one member of such a name is written with one more `$`
 * in front of it, so that each text stands for one value and every value comes back as it was.
 *
 * Rules: docs/protocol.md, BYTES-.
 */
const BYTES = "$bytes";

type Members = Record<string, unknown>;

/**
 * A body as JSON text; undefined where JSON can't say it at all, such as a function.
 *
 * @throws {TypeError} A cycle, a BigInt, another view of bytes than Uint8Array, or whatever a `toJSON` throws.
 */
export function bodyToJson(body: unknown): string | undefined {
  return JSON.stringify(body, needsForm(body, MAX_NESTING) ? form : undefined);
}

/** The body that a JSON text stands for. Throws what `JSON.parse` throws. */
export function bodyFromJson(json: string): unknown {
  const value: unknown = JSON.parse(json);
  return mayHoldBytes(json) ? bodyOf(value) : value;
}

/** Whether something of a JSON text may stand for bytes, or for what looks so; false for nearly all texts. */
export function mayHoldBytes(json: string): boolean {
  return /bytes"|\\u/.test(json);
}

/** The body that a parsed JSON value stands for. The value itself is taken and changed. */
export function bodyOf(value: unknown): unknown {
  if (!isObject(value) || value instanceof Uint8Array) return value;
  for (const name of Object.keys(value)) value[name] = bodyOf(value[name]);
  const name = nameLikeBytes(value);
  if (name !== BYTES) return name === "" ? value : { [name.slice(1)]: value[name] };
  return bytesOf(value[BYTES]) ?? value;
}

/** Whether a value has bytes in it, at any depth. */
export function hasBytes(value: unknown): boolean {
  return value instanceof Uint8Array || (isObject(value) && Object.values(value).some(hasBytes));
}

/** Deeper than it looks, JSON refuses a cycle, and everybody else the depth. */
function needsForm(value: unknown, levels: number): boolean {
  if (!isObject(value) || levels === 0) return false;
  if (isBinary(value) || nameLikeBytes(value) !== "") return true;
  return Object.values(value).some((member) => needsForm(member, levels - 1));
}

/** For `JSON.stringify`, which gives what a `toJSON` answered as `value` and the holder as `this`. */
function form(this: unknown, key: string, value: unknown): unknown {
  const raw = (this as Members)[key];
  if (raw instanceof Uint8Array) return { [BYTES]: base64url(raw) };
  // JSON would make an object of numbers of one, and nothing of the other.
  if (isBinary(raw)) throw new TypeError("Bytes are said as a Uint8Array.");
  const name = isObject(value) ? nameLikeBytes(value) : "";
  return name === "" ? value : { [`$${name}`]: (value as Members)[name] };
}

/** The name of an object's only member, where it is `$bytes` with any number of `$`; else an empty text. */
function nameLikeBytes(object: Members): string {
  const [name = "", second] = Object.keys(object);
  return second === undefined && /^\$+bytes$/.test(name) ? name : "";
}

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null;
}

function isBinary(value: unknown): boolean {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// The platform's `btoa` and `atob` take texts only, and are several times as slow for what they are given here.
function base64url(bytes: Uint8Array): string {
  const codes = new Uint8Array(Math.ceil((bytes.length * 4) / 3));
  let at = 0;
  let bits = 0;
  let count = 0;
  const put = (six: number): void => void (codes[at++] = ALPHABET.charCodeAt(six & 63));
  for (const byte of bytes) {
    bits = (bits << 8) | byte;
    for (count += 8; count >= 6; count -= 6) put(bits >> (count - 6));
  }
  if (count > 0) put(bits << (6 - count));
  return new TextDecoder().decode(codes);
}

/** null where the text is not base64url; bits of its end that make no byte are passed over. */
function bytesOf(text: unknown): Uint8Array<ArrayBuffer> | null {
  if (typeof text !== "string" || text.length % 4 === 1 || !/^[\w-]*$/.test(text)) return null;
  const sixes = new Uint8Array(128);
  for (let six = 0; six < 64; six++) sixes[ALPHABET.charCodeAt(six)] = six;
  const bytes = new Uint8Array((text.length * 3) >> 2);
  let bits = 0;
  for (let i = 0, at = 0; i < text.length; i++) {
    bits = (bits << 6) | (sixes[text.charCodeAt(i)] as number);
    if (i % 4 > 0) bytes[at++] = bits >> (6 - 2 * (i % 4));
  }
  return bytes;
}
