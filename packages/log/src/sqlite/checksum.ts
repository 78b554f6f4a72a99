import { crc32 } from "node:zlib";

/** What a record's checksum covers: all that a reader is told, and the room that it is told of. */
export interface ChecksummedRecord {
  readonly offset: number;
  readonly identity: string;
  readonly producer: string;
  readonly seq: number;
  readonly at: number;
  readonly re: number | null;
  readonly body: string | null;
}

/** CRC-32 over the record, an unsigned number of 32 bits. No body is empty, so an erased one has its own. */
export function checksumOf(room: string, it: ChecksummedRecord): number {
  return crc32(
    `${room}\n${it.offset}\n${it.identity}\n${it.producer}\n${it.seq}\n${it.at}\n${it.re ?? ""}\n${it.body ?? ""}`,
  );
}
