import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { decodeRecord, encodeRecord, type RoomRecord } from "./record.ts";
import { type FoldSnapshot, RoomFold } from "./room-fold.ts";

type Act =
  | { readonly act: "propose"; readonly node: number; readonly messages: number; readonly what: number }
  | { readonly act: "copy"; readonly which: number }
  | { readonly act: "read" | "hear"; readonly node: number; readonly count: number }
  | { readonly act: "restart"; readonly node: number };

const NODES = 4;
const node = fc.nat({ max: NODES - 1 });
const small = fc.nat({ max: 6 });
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      act: fc.constant("propose"),
      node,
      messages: fc.nat({ max: 3 }),
      what: fc.nat({ max: 9 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("copy"), which: fc.nat({ max: 30 }) }) },
  { weight: 5, arbitrary: fc.record({ act: fc.constantFrom("read", "hear"), node, count: small }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("restart"), node }) },
);

/** What a stream holds of one room: sequences with holes, for other rooms' records lie between. */
class Stream {
  readonly stored: { readonly seq: number; readonly bytes: Uint8Array }[] = [];
  #seq = 0;

  store(bytes: Uint8Array): void {
    this.#seq += 1 + (this.stored.length % 3);
    this.stored.push({ seq: this.#seq, bytes });
  }

  after(seq: number): { readonly seq: number; readonly bytes: Uint8Array } | undefined {
    return this.stored.find((each) => each.seq > seq);
  }
}

let proposals = 0;

/** The first part of a copy, the next one, or the last. */
function copiedPart(fold: RoomFold, node: number, count: number, what: number): Partial<RoomRecord> {
  const { copying } = fold;
  const source = `source${node % 2}`;
  if (what === 5 || copying === null) return { base: 2, copy: { isFirst: true, source } };
  const base = copying.head;
  const producers = [["node1\np1", proposals, base, proposals]] as const;
  const end = { epoch: `copied${proposals}`, head: base + count, earliest: 3, lastAt: proposals };
  const copy = { source: copying.source, producers };
  return { base, copy: what === 6 ? copy : { ...copy, end } };
}

/** Something that this node believes could come next. */
function proposal(fold: RoomFold, node: number, count: number, what: number): RoomRecord {
  proposals += 1;
  const messages = Array.from({ length: count }, (_, i) => ({
    from: `node${node}`,
    producer: `p${proposals % 2}`,
    seq: proposals * 10 + i,
    re: i === 1 ? 1 : undefined,
    remember: i !== 2,
    bodyJson: `"${proposals}.${i} é"`,
  }));
  const { epoch, lastSeq: prev, lastId: prevId } = fold;
  const { head, earliest } = fold.index;
  const more: Partial<RoomRecord> =
    what === 1
      ? { trim: earliest + 1 }
      : what === 2
        ? { redact: [head, earliest] }
        : what === 3
          ? { isDelete: true }
          : what === 4
            ? { erased: [...fold.unerased], forget: proposals - 20, touched: [[`node${node}`, "p1"]] }
            : what >= 5 && head === 0
              ? copiedPart(fold, node, messages.length, what)
              : {};
  const at = Math.max(proposals, fold.lastAt);
  return { id: `${proposals}`, epoch, prev, prevId, base: head, at, messages, ...more };
}

/** Which records are valid, said once more and as plainly as can be: each must name the valid one before it. */
function validIds({ stored }: Stream): string[] {
  const ids: string[] = [];
  let last = 0;
  for (const { seq, bytes } of stored) {
    const record = decodeRecord(bytes);
    if (record === null || record.prev !== last) continue;
    ids.push(record.id);
    last = seq;
  }
  return ids;
}

describe("the fold of a room", () => {
  test("[NATS-1] whoever proposes, however often a record is stored, however late, all nodes come to the same room", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 120 }), (acts) => {
        const stream = new Stream();
        const folds = Array.from({ length: NODES }, () => new RoomFold("epoch"));
        const seenValid = folds.map(() => [] as string[]);
        const take = (node: number, seq: number, bytes: Uint8Array, precededBy?: number): string => {
          const fold = folds[node];
          assert.ok(fold !== undefined);
          const record = decodeRecord(bytes);
          const { kind } = fold.step(seq, record, precededBy);
          if (kind === "valid" && record !== null) seenValid[node]?.push(record.id);
          return kind;
        };
        const read = (node: number, count: number): void => {
          for (let i = 0; i < count; i++) {
            const next = stream.after(folds[node]?.seenSeq ?? 0);
            if (next === undefined) break;
            assert.notEqual(take(node, next.seq, next.bytes), "hole", "reading on leaves no hole");
          }
        };
        for (const it of acts) {
          switch (it.act) {
            case "propose": {
              const fold = folds[it.node];
              if (fold !== undefined)
                stream.store(encodeRecord(proposal(fold, it.node, it.messages, it.what)));
              break;
            }
            case "copy": {
              const old = stream.stored[it.which];
              if (old !== undefined) stream.store(old.bytes);
              break;
            }
            case "read":
              read(it.node, it.count);
              break;
            case "hear": {
              // Live, and maybe not the next: then what lies between is missing, and it must show.
              const seen = folds[it.node]?.seenSeq ?? 0;
              const later = stream.stored.findIndex(({ seq }) => seq > seen) + it.count;
              const heard = stream.stored[later];
              if (heard === undefined || heard.seq <= seen) break;
              const precededBy = stream.stored[later - 1]?.seq ?? 0;
              const kind = take(it.node, heard.seq, heard.bytes, precededBy);
              assert.equal(kind === "hole", it.count > 0);
              break;
            }
            case "restart": {
              const snapshot = folds[it.node]?.snapshot();
              folds[it.node] = RoomFold.restore(JSON.parse(JSON.stringify(snapshot)) as FoldSnapshot);
              // What it saw since its last valid record, it sees again.
              break;
            }
          }
        }
        for (let node = 0; node < NODES; node++) read(node, Infinity);
        const expected = validIds(stream);
        const [first] = folds.map((fold) => fold.snapshot());
        for (const [i, fold] of folds.entries()) {
          assert.deepEqual(fold.snapshot(), first);
          assert.deepEqual(seenValid[i], expected);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("[NATS-1] a record that follows another than the last valid one is void, whatever else fits", () => {
    const fold = new RoomFold("epoch");
    const record = (id: string, prev: number, prevId = prev === 3 ? "a" : ""): RoomRecord => {
      return { id, epoch: "epoch", prev, prevId, base: 0, at: 1, messages: [] };
    };
    assert.equal(fold.step(3, record("a", 0)).kind, "valid");
    assert.equal(fold.step(4, record("b", 0)).kind, "void", "a rival that came second");
    assert.equal(fold.step(5, record("a", 0)).kind, "void", "a copy");
    assert.equal(fold.step(6, record("c", 4)).kind, "hole", "what it follows was valid for its proposer");
    assert.equal(fold.step(7, record("d", 9)).kind, "void", "it follows what is not there yet");
    assert.equal(fold.step(8, null).kind, "void", "it is no record");
    assert.equal(fold.step(9, record("f", 3, "z")).kind, "hole", "its proposer saw another there");
    assert.equal(fold.step(9, record("e", 3)).kind, "valid");
  });
});
