import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { RoomLog, StoredMessage } from "@parlor/log";
import fc from "fast-check";
import {
  appendOf,
  freshRoom,
  type RoomLogContract,
  type RoomLogSubject,
  WIDE,
  TIMELY,
} from "./room-log-subject.ts";

type Step =
  | { readonly act: "append"; readonly producer: string; readonly seq: number; readonly afterSeq: number }
  | { readonly act: "loose"; readonly re: number }
  | { readonly act: "trim" | "redact" | "page"; readonly offset: number }
  | { readonly act: "delete" };

const small = fc.integer({ min: 0, max: 12 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .record({
        producer: fc.constantFrom("producer1", "producer2"),
        seq: fc.integer({ min: 1, max: 8 }),
        back: small,
      })
      .map(
        ({ producer, seq, back }): Step => ({
          act: "append",
          producer,
          seq,
          afterSeq: Math.max(0, seq - 1 - (back % 3)),
        }),
      ),
  },
  { weight: 3, arbitrary: small.map((re): Step => ({ act: "loose", re })) },
  { weight: 1, arbitrary: small.map((offset): Step => ({ act: "trim", offset })) },
  { weight: 2, arbitrary: small.map((offset): Step => ({ act: "redact", offset })) },
  { weight: 3, arbitrary: small.map((offset): Step => ({ act: "page", offset })) },
  { weight: 1, arbitrary: fc.constant<Step>({ act: "delete" }) },
);

/** A room as the contract describes it, written as plainly as can be. */
class Model {
  messages: { offset: number; seq: number; body: string | null; re: number | undefined }[] = [];
  marks = new Map<string, { seq: number; offset: number }>();
  head = 0;
  earliest = 1;

  append(producer: string, seq: number, afterSeq: number, body: string): unknown {
    const mark = this.marks.get(producer);
    const last = mark?.seq ?? 0;
    if (seq <= last) return ["duplicate", seq === last ? mark?.offset : undefined];
    if (mark === undefined && afterSeq > 0) return ["unknown-producer"];
    if (last < afterSeq) return ["out-of-order", last + 1];
    const offset = this.store(seq, body, undefined);
    this.marks.set(producer, { seq, offset });
    return ["appended", offset];
  }

  store(seq: number, body: string, re: number | undefined): number {
    this.head += 1;
    this.messages.push({ offset: this.head, seq, body, re });
    return this.head;
  }

  trim(before: number): number {
    this.earliest = Math.max(this.earliest, Math.min(before, this.head + 1));
    this.messages = this.messages.filter((message) => message.offset >= this.earliest);
    return this.earliest;
  }

  redact(offset: number): boolean {
    const message = this.messages.find((it) => it.offset === offset);
    if (message !== undefined) message.body = null;
    return message !== undefined;
  }
}

/** Random histories, against the plain model. Counts on offsets without holes, as one file gives them. */
export function describeAgainstModel({ name, create }: RoomLogContract): void {
  describe(`${name}: random histories`, TIMELY, () => {
    let subject: RoomLogSubject;
    let log: RoomLog;
    before(async () => {
      subject = await create({});
      log = subject.log;
    });
    after(() => subject.dispose());

    test("[LOG-24] any sequence of appends, repetitions, trims, erasures and deletions ends as the model does", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          const room = freshRoom("random");
          let model = new Model();
          let number = 0;
          for (const it of steps) {
            number += 1;
            const body = `${number}`;
            switch (it.act) {
              case "append": {
                const { producer, seq, afterSeq } = it;
                const result = await log.append(appendOf(room, seq, { producer, afterSeq, bodyJson: body }));
                const seen =
                  result.kind === "out-of-order"
                    ? [result.kind, result.expected]
                    : "offset" in result
                      ? [result.kind, result.offset]
                      : [result.kind];
                assert.deepEqual(seen, model.append(producer, seq, afterSeq, body));
                break;
              }
              case "loose": {
                const result = await log.append(
                  appendOf(room, 1, { remember: false, re: it.re, bodyJson: body }),
                );
                assert.ok(result.kind === "appended");
                assert.equal(result.offset, model.store(1, body, it.re));
                break;
              }
              case "trim":
                assert.equal(await log.trim(room, it.offset), model.trim(it.offset));
                break;
              case "redact":
                assert.equal(await log.redact(room, it.offset), model.redact(it.offset));
                break;
              case "page":
                await comparePages(log, room, model, it.offset);
                break;
              case "delete":
                assert.equal(await log.delete(room), model.head > 0);
                model = new Model();
                break;
            }
          }
          await comparePages(log, room, model, Infinity);
        }),
        { numRuns: 60 },
      );
    });
  });
}

async function comparePages(log: RoomLog, room: string, model: Model, offset: number): Promise<void> {
  const bounds = { maxMessages: 5, maxBytes: 7 };
  const all = await log.read(room, 0, WIDE);
  assert.deepEqual([all.head, all.earliest], [model.head, model.earliest]);
  assert.deepEqual(all.messages.map(plain), model.messages);
  const sizes = (messages: Model["messages"]): Model["messages"] => {
    let bytes = 0;
    const stop = messages.findIndex((message, i) => {
      bytes += message.body?.length ?? 0;
      return i > 0 && (i >= bounds.maxMessages || bytes > bounds.maxBytes);
    });
    return stop === -1 ? messages : messages.slice(0, stop);
  };
  const later = model.messages.filter((message) => message.offset > offset);
  const forwards = await log.read(room, offset, bounds);
  assert.deepEqual(forwards.messages.map(plain), sizes(later));
  assert.equal(forwards.more, forwards.messages.length < later.length);
  const earlier = model.messages.filter((message) => message.offset < offset).reverse();
  const backwards = await log.readBefore(room, offset, bounds);
  assert.deepEqual(backwards.messages.map(plain).reverse(), sizes(earlier));
  assert.equal(backwards.more, backwards.messages.length < earlier.length);
  const about = model.messages.filter((message) => message.re === offset || message.re === 3).reverse();
  const related = await log.related(room, [offset, 3], 100, bounds);
  assert.deepEqual(related.map(plain).reverse(), sizes(about));
}

function plain({ offset, seq, bodyJson, re }: StoredMessage): Model["messages"][number] {
  return { offset, seq, body: bodyJson, re };
}
