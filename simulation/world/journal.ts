import { crc32 } from "node:zlib";

const HEAD_BYTES = 8;

/** One record of a journal: its length, its checksum, and the value as JSON. */
export function encodeRecord(value: unknown): Buffer {
  const text = JSON.stringify(value);
  const length = Buffer.byteLength(text);
  const record = Buffer.allocUnsafe(HEAD_BYTES + length);
  record.write(text, HEAD_BYTES);
  record.writeUInt32LE(length, 0);
  record.writeUInt32LE(crc32(record.subarray(HEAD_BYTES)), 4);
  return record;
}

/** The records up to the first that is not whole, and how many bytes they take. */
export function decodeRecords(bytes: Buffer): { readonly values: unknown[]; readonly wholeBytes: number } {
  const values: unknown[] = [];
  let at = 0;
  while (at + HEAD_BYTES <= bytes.length) {
    const length = bytes.readUInt32LE(at);
    const text = bytes.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length);
    if (length === 0 || text.length < length || crc32(text) !== bytes.readUInt32LE(at + 4)) break;
    values.push(JSON.parse(text.toString()));
    at += HEAD_BYTES + length;
  }
  return { values, wholeBytes: at };
}
