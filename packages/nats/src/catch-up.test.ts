import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { catchUp, type PlacedRecord, type RecordReader } from "./catch-up.ts";
import type { RecordSource, SourcedRecord } from "./record-source.ts";
import { encodeRecord, type RoomRecord } from "./record.ts";
import { RoomFold } from "./room-fold.ts";

/** A stream of one room: what its leader has, and what all other copies have. */
class CopiedSource implements RecordSource {
  readonly records: readonly RoomRecord[];
  readonly patches = new Map<number, RoomRecord>();
  readonly #gone: ReadonlySet<number>;
  /** Of one that does not lead any more and does not know it: fewer than the head that was heard of. */
  leaderHas: number;
  /** What the leader has where all others have something else. */
  readonly wrong = new Map<number, RoomRecord>();

  constructor(records: readonly RoomRecord[], gone: readonly number[] = []) {
    this.records = records;
    this.leaderHas = records.length;
    this.#gone = new Set(gone);
  }

  async head(): Promise<number | null> {
    return this.records.length;
  }

  async next(after: number): Promise<SourcedRecord | null> {
    for (let seq = after + 1; seq <= this.leaderHas; seq++) {
      const record = this.wrong.get(seq) ?? this.records[seq - 1];
      if (record !== undefined && !this.#gone.has(seq)) return { seq, data: encodeRecord(record) };
    }
    return null;
  }

  async named(seq: number, id: string): Promise<RoomRecord | null> {
    const all = [this.#right(seq), this.wrong.get(seq), this.patches.get(seq)];
    return all.find((record) => record?.id === id) ?? null;
  }

  async commonestAt(seq: number): Promise<string | null> {
    return this.#right(seq)?.id ?? null;
  }

  #right(seq: number): RoomRecord | undefined {
    return this.#gone.has(seq) ? undefined : this.records[seq - 1];
  }
}

/** Empty when it is first asked for its head; with each record that is read, two more come. */
class GrowingSource extends CopiedSource {
  constructor(records: readonly RoomRecord[]) {
    super(records);
    this.leaderHas = 0;
  }

  override async head(): Promise<number | null> {
    return this.leaderHas === 0 ? null : this.leaderHas;
  }

  override async next(after: number): Promise<SourcedRecord | null> {
    this.leaderHas += 2;
    return await super.next(after);
  }
}

class FoldReader implements RecordReader {
  readonly fold = new RoomFold("epoch");

  get seenSeq(): number {
    return this.fold.seenSeq;
  }

  get lastSeq(): number {
    return this.fold.lastSeq;
  }

  get lastId(): string {
    return this.fold.lastId;
  }

  take(seq: number, record: RoomRecord | null, isWhole: boolean): "taken" | "hole" {
    return this.fold.step(seq, record, undefined, isWhole).kind === "hole" ? "hole" : "taken";
  }

  mend({ seq, record }: PlacedRecord): void {
    assert.equal(this.fold.mend(seq, record).kind, "valid");
  }
}

/** A room's records, one message each, none of them void. */
function chain(count: number): RoomRecord[] {
  return Array.from({ length: count }, (_, i) => {
    const message = {
      from: "ada",
      producer: "p",
      seq: i + 1,
      re: undefined,
      remember: true,
      bodyJson: `${i}`,
    };
    const prevId = i === 0 ? "" : `${i - 1}`;
    return { id: `${i}`, epoch: "epoch", prev: i, prevId, base: i, at: 1, messages: [message] };
  });
}

const CAUGHT_UP = { kind: "caught-up" };

describe("catching up", () => {
  test("[NATS-3] a leader that has less than was heard of is no head either: nothing is taken as seen, and it is read later", async () => {
    const source = new CopiedSource(chain(9));
    source.leaderHas = 4;
    const reader = new FoldReader();
    assert.deepEqual(await catchUp(source, reader, { until: 9 }), CAUGHT_UP);
    assert.equal(reader.seenSeq, 4);
    await assert.rejects(catchUp(source, reader), { code: "unavailable" });
    assert.equal(reader.seenSeq, 4);
    source.leaderHas = 9;
    assert.deepEqual(await catchUp(source, reader, { until: 9 }), CAUGHT_UP);
    assert.equal(reader.fold.index.head, 9);
  });

  test("[NATS-6] a room that is written faster than it is read, and had nothing at first, is read to the head that it had", async () => {
    const source = new GrowingSource(chain(5_000));
    const reader = new FoldReader();
    assert.deepEqual(await catchUp(source, reader), CAUGHT_UP);
    assert.ok(
      reader.fold.index.head > 0 && reader.fold.index.head < 100,
      `read to ${reader.fold.index.head}`,
    );
  });

  test("[NATS-11] what the leader alone has in the place of others is void, and theirs are found by the name in what follows", async () => {
    const records = chain(9);
    const source = new CopiedSource(records);
    const [later] = records.slice(8);
    assert.ok(later !== undefined);
    for (const seq of [3, 4, 5]) source.wrong.set(seq, { ...later, id: "copy" });
    const reader = new FoldReader();
    assert.deepEqual(await catchUp(source, reader), CAUGHT_UP);
    assert.deepEqual([reader.fold.index.head, reader.lastSeq, reader.lastId], [9, 9, "8"]);
  });

  test("[NATS-11] where what the leader alone has would be valid, too, that the reader was misled is said, and by what", async () => {
    const source = new CopiedSource(chain(9));
    const wrong = chain(9).map((record, i) => ({
      ...record,
      id: `wrong ${i}`,
      prevId: i === 2 ? "1" : `wrong ${i - 1}`,
    }));
    for (const seq of [3, 4]) source.wrong.set(seq, wrong[seq - 1] ?? assert.fail());
    const reader = new FoldReader();
    assert.deepEqual(await catchUp(source, reader), {
      kind: "misled",
      by: [{ seq: 4, record: source.records[3] }],
    });
  });

  test("[NATS-11] a record whose proposer was misled is void, and what most have goes on", async () => {
    const records = chain(9);
    const [third] = records.slice(2);
    assert.ok(third !== undefined);
    const misled = { ...third, id: "misled", prevId: "what one copy has" };
    const source = new CopiedSource([...records.slice(0, 2), misled]);
    const reader = new FoldReader();
    assert.deepEqual(await catchUp(source, reader), CAUGHT_UP);
    assert.deepEqual([reader.seenSeq, reader.lastSeq], [3, 2]);
  });

  test("[NATS-4] records that were erased are read from beside the stream, several in a row and the first, too", async () => {
    const records = chain(6);
    const source = new CopiedSource(records, [1, 3, 4]);
    for (const seq of [1, 3, 4]) {
      const record = records[seq - 1];
      assert.ok(record !== undefined);
      const messages = record.messages.map((message) => ({ ...message, bodyJson: null }));
      source.patches.set(seq, { ...record, messages });
    }
    const reader = new FoldReader();
    assert.deepEqual(await catchUp(source, reader), CAUGHT_UP);
    assert.deepEqual([reader.fold.index.head, reader.fold.lastSeq], [6, 6]);
    assert.equal(reader.fold.index.sizeOf(3), -1);
  });

  test("[NATS-4] where records were purged only a snapshot leads on, and that is said", async () => {
    const source = new CopiedSource(chain(6), [1, 2, 3]);
    const reader = new FoldReader();
    assert.deepEqual(await catchUp(source, reader), { kind: "purged" });
    assert.equal(reader.fold.index.head, 0);
  });
});
