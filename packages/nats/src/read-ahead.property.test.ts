import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { SourcedRecord } from "./record-source.ts";
import { ReadAhead } from "./read-ahead.ts";

const DATA = new Uint8Array();

/** A stream with a room's records at some sequences; its answers come in any order. */
class ScatteredSource {
  readonly asked: number[] = [];
  readonly #seqs: readonly number[];
  readonly #scheduler: fc.Scheduler;
  underWay = 0;
  mostUnderWay = 0;

  constructor(seqs: readonly number[], scheduler: fc.Scheduler) {
    this.#seqs = seqs;
    this.#scheduler = scheduler;
  }

  async next(after: number): Promise<SourcedRecord | null> {
    this.asked.push(after);
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    await this.#scheduler.schedule(Promise.resolve());
    this.underWay -= 1;
    const seq = this.#seqs.find((each) => each > after);
    return seq === undefined ? null : { seq, data: DATA };
  }
}

const gaps = fc.array(fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 40 })), { maxLength: 60 });

describe("reading a room's records ahead", () => {
  test("[NATS-3] whatever lies between them, each is given once and in order, none is asked for behind the end, and never more than 9 at once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), gaps, fc.nat(), async (scheduler, apart, cut) => {
        let seq = 0;
        const seqs = apart.map((gap) => (seq += gap));
        const until = seqs.length === 0 ? 0 : (seqs[cut % seqs.length] ?? 0);
        const source = new ScatteredSource(seqs, scheduler);
        const ahead = new ReadAhead(source);
        const read = async (): Promise<number[]> => {
          const found: number[] = [];
          for (let after = 0; after < until; ) {
            after = (await ahead.next(after, until))?.seq ?? Infinity;
            found.push(after);
          }
          return found;
        };
        const [found] = await Promise.all([read(), scheduler.waitIdle()]);
        assert.deepEqual(
          found,
          seqs.filter((each) => each <= until),
        );
        assert.ok(source.asked.every((after) => after < until));
        assert.ok(source.mostUnderWay <= 9, `${source.mostUnderWay} at once`);
      }),
      { numRuns: 500 },
    );
  });

  test("who wants one record asks for it alone, and where a question that was asked ahead fails, who needs its answer is told", async () => {
    const asked: number[] = [];
    const next = async (after: number): Promise<SourcedRecord | null> => {
      asked.push(after);
      if (after === 4) throw new Error("no answer");
      return { seq: after + 1, data: DATA };
    };
    await new ReadAhead({ next }).next(2, 3);
    assert.deepEqual(asked, [2]);
    const ahead = new ReadAhead({ next });
    for (const after of [0, 1, 2, 3]) assert.equal((await ahead.next(after, 9))?.seq, after + 1);
    await assert.rejects(ahead.next(4, 9), /no answer/);
  });
});
