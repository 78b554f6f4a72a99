import assert from "node:assert/strict";
import type { AppendResult, RoomLog } from "@parlor/log";
import { appendOf, until, wait } from "@parlor/testkit";

/** An append that was acknowledged: whose it was, and where it is said to be. */
export interface Acked {
  readonly from: string;
  readonly seq: number;
  readonly offset: number | undefined;
}

/**
 * Publishes as a client's outbox does: one after the other, each again until it is acknowledged, wherever the log is.
 * `isOver` is asked before each.
 */
export async function publishUntil(
  log: RoomLog,
  room: string,
  from: string,
  isOver: (acked: readonly Acked[]) => boolean,
): Promise<Acked[]> {
  const acked: Acked[] = [];
  for (let seq = 1; !isOver(acked); seq++) {
    const result = await appendAgain(log, room, from, seq);
    assert.ok(result.kind === "appended" || result.kind === "duplicate", JSON.stringify(result));
    acked.push({ from, seq, offset: result.offset });
  }
  return acked;
}

const AGAIN_MS = 20;

async function appendAgain(log: RoomLog, room: string, from: string, seq: number): Promise<AppendResult> {
  for (;;) {
    try {
      return await log.append(appendOf(room, seq, { from, bodyJson: `"${from} ${seq}"` }));
    } catch (error) {
      assert.equal((error as { code?: string }).code, "unavailable", String(error));
      await wait(AGAIN_MS);
    }
  }
}

const PAGE = Object.freeze({ maxMessages: 1_000, maxBytes: Infinity });

/** Once it has heard of all that was acknowledged: reads the room whole and holds it against what was acknowledged: nothing is missing, twice or out of order. */
export async function assertKept(log: RoomLog, room: string, acked: readonly Acked[]): Promise<string[]> {
  const hasAll = async (): Promise<boolean> => (await log.head(room)).head >= acked.length;
  assert.ok(await until(hasAll, 10_000), `only ${(await log.head(room)).head} of ${acked.length} are there`);
  const texts: string[] = [];
  const places = new Map<string, number>();
  const lastSeqs = new Map<string, number>();
  for (let after = 0; ; ) {
    const page = await log.read(room, after, PAGE);
    for (const { offset, from, seq, bodyJson } of page.messages) {
      assert.equal(offset, texts.length + 1, "offsets have no holes");
      assert.equal(seq, (lastSeqs.get(from) ?? 0) + 1, `the messages of ${from} come in order, each once`);
      lastSeqs.set(from, seq);
      places.set(`${from} ${seq}`, offset);
      texts.push(bodyJson ?? "");
    }
    after = texts.length;
    if (!page.more) break;
  }
  for (const { from, seq, offset } of acked) {
    const place = places.get(`${from} ${seq}`);
    assert.ok(place !== undefined, `${from} ${seq} was acknowledged and is not there`);
    if (offset !== undefined) assert.equal(place, offset, `${from} ${seq} is where its acknowledgement said`);
  }
  return texts;
}
