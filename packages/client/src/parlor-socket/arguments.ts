/**
 * What a page hands to a socket, converted and refused as the WebSocket standard says: the same values, the same
 * classes of errors, in the same order.
 */

import { MAX_REASON_BYTES } from "./codes.ts";

const encoder = new TextEncoder();

export interface SentData {
  /** null for binary data. */
  readonly text: string | null;
  readonly bytes: number;
}

/** @throws {TypeError} without an argument, or where it can't be turned into a string. */
export function sentData(args: readonly unknown[]): SentData {
  if (args.length === 0) throw new TypeError("send: There is nothing to send.");
  const [data] = args;
  if (data instanceof Blob) return { text: null, bytes: data.size };
  const isView = ArrayBuffer.isView(data);
  if (isView && !(data.buffer instanceof ArrayBuffer))
    throw new TypeError("send: The view's memory is shared.");
  return isView || data instanceof ArrayBuffer ? { text: null, bytes: data.byteLength } : wellFormed(data);
}

export interface CloseWords {
  readonly code: number | undefined;
  readonly reason: string;
}

/**
 * @throws {DOMException} `InvalidAccessError`: the code is neither 1000 nor from 3000 to 4999. `SyntaxError`: the
 *   reason has more than 123 bytes.
 */
export function closeWords(args: readonly unknown[]): CloseWords {
  const code = args[0] === undefined ? undefined : wholeNumber(args[0]);
  const { text: reason, bytes } = wellFormed(args[1] === undefined ? "" : args[1]);
  if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999))
    throw new DOMException(`close: ${code} is neither 1000 nor from 3000 to 4999.`, "InvalidAccessError");
  if (bytes > MAX_REASON_BYTES)
    throw new DOMException(`close: The reason has ${bytes} bytes, more than 123.`, "SyntaxError");
  return { code, reason };
}

/** The beginning of a reason that is too long to be one. */
export function cutReason(reason: string): string {
  let cut = reason;
  while (utf8Length(cut) > MAX_REASON_BYTES) cut = cut.slice(0, -1);
  return cut;
}

export function utf8Length(text: string): number {
  return encoder.encode(text).length;
}

/** A lone half of a pair is U+FFFD, in what is sent as in what it weighs. */
function wellFormed(value: unknown): { readonly text: string; readonly bytes: number } {
  // Not String(): a Symbol is no string here.
  const bytes = encoder.encode(`${value as string}`);
  return { text: new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes), bytes: bytes.length };
}

/**
 * As Web IDL's `[Clamp] unsigned short`, where a code may be: to the nearest, and of two to the even one, as an array
 * of clamped bytes has it.
 */
function wholeNumber(value: unknown): number {
  // Not Number(): a BigInt is no number here.
  const code = +(value as number);
  const even = 2 * Math.floor(code / 2);
  return even + (Uint8ClampedArray.of(code - even)[0] ?? 0);
}
