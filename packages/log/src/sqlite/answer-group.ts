import type { StoredMessage } from "../room-log.ts";
import type { TailBoard } from "../tail-board.ts";
import { getResult, type ResultColumns } from "./append-columns.ts";
import type { WaitingAppend } from "./append-queue.ts";

interface Batch {
  readonly epoch: string;
  readonly after: number;
  readonly messages: StoredMessage[];
}

/**
 * Fulfils the promises of a group that is on the disk, and tells the tails of its rooms, one batch a
 * room. The messages are taken from the group itself, so no body comes back from the writer's thread,
 * and a room that nobody follows costs nothing.
 */
export function answerGroup(
  group: readonly WaitingAppend[],
  { results, epochs }: { readonly results: ResultColumns; readonly epochs: readonly string[] },
  logEpoch: string,
  board: TailBoard,
): void {
  const batches = new Map<string, Batch>();
  for (const [index, { append, resolve }] of group.entries()) {
    const result = getResult(results, index, logEpoch, epochs);
    resolve(result);
    if (result.kind !== "appended" || !board.hasListener(append.room)) continue;
    const { epoch, offset, at } = result;
    let batch = batches.get(append.room);
    if (batch === undefined) {
      // Offsets of one file have no holes, so the one before is what the batch follows.
      batches.set(append.room, (batch = { epoch, after: offset - 1, messages: [] }));
    }
    const { from, producer, seq, re, bodyJson } = append;
    batch.messages.push({ offset, from, producer, seq, at, ...(re === undefined ? {} : { re }), bodyJson });
  }
  for (const [room, batch] of batches) board.tell(room, { kind: "messages", ...batch });
}
