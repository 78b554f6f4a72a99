import type { CopiedRoom, StoredMessage } from "@parlor/log";
import type { OpenRoom } from "./open-room.ts";
import { decodeRecord } from "./record.ts";
import { type IndexRow, isFolded } from "./record-index.ts";
import { storedMessages } from "./room-fold.ts";

/** Behind which offset a copy that broke off goes on; null where it has to begin anew. */
export async function resumeAt(
  open: OpenRoom,
  room: CopiedRoom,
  source: string,
  messages: (after: number) => AsyncIterable<readonly StoredMessage[]>,
): Promise<number | null> {
  const { copying } = open.fold;
  const first = copying?.rows[0];
  if (copying === null || first === undefined || copying.source !== source) return null;
  const begin = Math.max(first[1], room.earliest - 1);
  if (first[1] >= room.earliest || copying.head <= begin || copying.head > room.head) return null;
  // The source may have been in use since: what was erased in it must not come back.
  const before = copiedMessages(open, copying.rows, begin);
  for await (const page of messages(begin)) {
    for (const message of page) {
      const next = await before.next();
      if (next.done === true) return copying.head;
      if (JSON.stringify(next.value) !== JSON.stringify(message)) return null;
    }
  }
  return (await before.next()).done === true ? copying.head : null;
}

async function* copiedMessages(
  open: OpenRoom,
  rows: readonly IndexRow[],
  after: number,
): AsyncGenerator<StoredMessage> {
  for (const [seq, base, at, bytes, res] of rows) {
    if (base + bytes.length <= after) continue;
    const stored = await open.recordAt(seq, (data) => {
      const found = decodeRecord(data);
      return found !== null && isFolded({ seq, base, at, bytes, res }, found);
    });
    const record = stored === null ? null : decodeRecord(stored);
    if (record === null) return;
    yield* storedMessages(record).filter(({ offset }) => offset > after);
  }
}
