import { createHash } from "node:crypto";

/** Of what a part or a blob is made: pieces of `pieceBytes` each, but for the last. */
export interface FileManifest {
  readonly size: number;
  readonly pieceBytes: number;
  /** ms since 1970. */
  readonly madeAt: number;
  /** SHA-256 of each piece. */
  readonly sums: readonly Buffer[];
}

const SUM_BYTES = 32;
/** A manifest is one message, so the servers must take one of so many bytes. */
export const NEEDED_PAYLOAD_BYTES = 1_048_576;
/** Of one file: what such a message can say, with some to spare. */
export const MAX_NATS_FILE_BYTES = 2 ** 31;

export function encodeManifest({ size, pieceBytes, madeAt, sums }: FileManifest): Uint8Array {
  const said = { size, pieceBytes, madeAt, sums: Buffer.concat(sums).toString("base64") };
  return Buffer.from(JSON.stringify(said));
}

/** Null for what is none. */
export function decodeManifest(data: Uint8Array): FileManifest | null {
  let said: Partial<Record<string, unknown>>;
  try {
    said = JSON.parse(Buffer.from(data).toString()) as typeof said;
  } catch {
    return null;
  }
  const { size, pieceBytes, madeAt, sums } = said;
  if (typeof size !== "number" || typeof pieceBytes !== "number" || typeof madeAt !== "number") return null;
  if (typeof sums !== "string") return null;
  const bytes = Buffer.from(sums, "base64");
  if (bytes.length !== Math.ceil(size / pieceBytes) * SUM_BYTES) return null;
  const each = Array.from({ length: bytes.length / SUM_BYTES }, (_, i) =>
    bytes.subarray(i * SUM_BYTES, (i + 1) * SUM_BYTES),
  );
  return { size, pieceBytes, madeAt, sums: each };
}

export function sumOf(piece: Uint8Array): Buffer {
  return createHash("sha256").update(piece).digest();
}
