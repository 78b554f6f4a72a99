import { promisify } from "node:util";
import { deflateRaw, inflateRaw } from "node:zlib";
import type { NatsLink } from "./nats-link.ts";
import type { FoldSnapshot } from "./room-fold.ts";
import type { RoomSubjects } from "./subjects.ts";

const pack = promisify(deflateRaw);
const unpack = promisify(inflateRaw);

export async function encodeSnapshot(snapshot: FoldSnapshot): Promise<Uint8Array> {
  return await pack(Buffer.from(JSON.stringify(snapshot)), { level: 1 });
}

export async function decodeSnapshot(bytes: Uint8Array): Promise<FoldSnapshot> {
  return JSON.parse((await unpack(bytes)).toString()) as FoldSnapshot;
}

const PUBLISH_TIMEOUT_MS = 2_000;

/**
 * Stores a snapshot, and removes those that reach less far. One is only ever removed by who knows of a further one,
 * so whoever writes when, the furthest stays. False where it is too large for one message: then the room is read
 * from an older one, or from its first record, which takes longer.
 */
export async function storeSnapshot(
  link: NatsLink,
  sideStream: string,
  { snapshot: subject }: RoomSubjects,
  snapshot: FoldSnapshot,
): Promise<boolean> {
  const bytes = await encodeSnapshot(snapshot);
  if (bytes.length > (link.connection.info?.max_payload ?? 1_048_576) - 1_024) return false;
  const own = await link.publish(subject, bytes, PUBLISH_TIMEOUT_MS);
  for (let after = 0; ; ) {
    const found = await link.next(sideStream, subject, after);
    if (found === null || found.seq === own) break;
    after = found.seq;
    if ((await decodeSnapshot(found.data)).seq < snapshot.seq) await link.erase(sideStream, found.seq);
  }
  return true;
}
