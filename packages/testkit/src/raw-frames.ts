import { randomBytes } from "node:crypto";

export const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface RawFrame {
  readonly isFinal: boolean;
  /** The three reserved bits, as a number from 0 to 7: RSV1 is 4. */
  readonly reserved: number;
  readonly opcode: number;
  readonly payload: Buffer;
}

export interface RawFrameOptions {
  /** @default OPCODES.text */
  readonly opcode?: number;
  readonly payload?: string | Uint8Array;
  /** @default true */
  readonly isFinal?: boolean;
  /** @default 0 */
  readonly reserved?: number;
  /** False sends it unmasked, which a client must not; four bytes are taken as the key. @default true */
  readonly mask?: boolean | Uint8Array;
  /** Bits of the length's field, where it shall not be the shortest. */
  readonly lengthBits?: 7 | 16 | 64;
  /** What the header says the length is, where it shall be a lie. */
  readonly declaredLength?: number | bigint;
}

/** One WebSocket frame as bytes, right or wrong in any way. */
export function encodeRawFrame(options: RawFrameOptions): Buffer {
  const payload = Buffer.from(options.payload ?? "");
  const length = BigInt(options.declaredLength ?? payload.length);
  const lengthBits = options.lengthBits ?? (length < 126n ? 7 : length < 65_536n ? 16 : 64);
  const { mask = true } = options;
  const header = Buffer.alloc(2 + (lengthBits === 7 ? 0 : lengthBits / 8));
  header[0] =
    (options.isFinal === false ? 0 : 0x80) |
    ((options.reserved ?? 0) << 4) |
    (options.opcode ?? OPCODES.text);
  header[1] =
    (mask === false ? 0 : 0x80) | (lengthBits === 7 ? Number(length) & 127 : lengthBits === 16 ? 126 : 127);
  if (lengthBits === 16) header.writeUInt16BE(Number(length), 2);
  if (lengthBits === 64) header.writeBigUInt64BE(length, 2);
  if (mask === false) return Buffer.concat([header, payload]);
  const key = mask === true ? randomBytes(4) : Buffer.from(mask);
  for (let i = 0; i < payload.length; i++) payload[i] = (payload[i] as number) ^ (key[i & 3] as number);
  return Buffer.concat([header, key, payload]);
}

/** Takes one whole frame off the front of `bytes`; null while it is not all there. */
export function decodeRawFrame(bytes: Buffer): { readonly frame: RawFrame; readonly size: number } | null {
  if (bytes.length < 2) return null;
  const [first, second] = [bytes[0] as number, bytes[1] as number];
  const lengthBits = (second & 127) === 126 ? 16 : (second & 127) === 127 ? 64 : 7;
  const isMasked = (second & 0x80) !== 0;
  let at = 2 + (lengthBits === 7 ? 0 : lengthBits / 8);
  if (bytes.length < at) return null;
  const length =
    lengthBits === 7
      ? second & 127
      : lengthBits === 16
        ? bytes.readUInt16BE(2)
        : Number(bytes.readBigUInt64BE(2));
  const key = isMasked ? bytes.subarray(at, at + 4) : null;
  if (isMasked) at += 4;
  if (bytes.length < at + length) return null;
  const payload = Buffer.from(bytes.subarray(at, at + length));
  if (key !== null)
    for (let i = 0; i < length; i++) payload[i] = (payload[i] as number) ^ (key[i & 3] as number);
  const frame = { isFinal: (first & 0x80) !== 0, reserved: (first >> 4) & 7, opcode: first & 15, payload };
  return { frame, size: at + length };
}
