import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { TailEvent } from "../room-log.ts";
import { encodeLinkFrame, LinkFrameReader, linkFrame } from "./link-frame.ts";
import { readEvent, writeEvent } from "./message-columns.ts";
import { ColumnReader, ColumnWriter } from "./text-columns.ts";

/** With the prototype that literals have, so that what comes out can be compared. */
const record = <Model>(model: { [Key in keyof Model]: fc.Arbitrary<Model[Key]> }): fc.Arbitrary<Model> =>
  fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<Model>;

const text = fc.string({ unit: "grapheme", maxLength: 40 });

const frames = fc.array(
  record({
    kind: fc.constantFrom("append" as const, "event" as const, "page" as const),
    tag: fc.nat(),
    text,
    numbers: fc.array(fc.double(), { maxLength: 9 }).map((list) => Float64Array.from(list)),
  }),
  { maxLength: 12 },
);

describe("the frames of the log's link", () => {
  test("[LOG-66] come out as they went in, however the bytes are cut", () => {
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 40 }), (given, cuts) => {
        const bytes = Buffer.concat(given.map(encodeLinkFrame));
        const reader = new LinkFrameReader();
        const read: unknown[] = [];
        let at = 0;
        for (const cut of [...cuts, bytes.length]) {
          read.push(...reader.take(bytes.subarray(at, at + cut)));
          at += cut;
        }
        assert.deepEqual(read, given);
      }),
    );
  });

  test("[LOG-66] carry every event of a tail whole, bodies as the text that they were", () => {
    const message = record({
      offset: fc.nat(),
      from: text,
      producer: text,
      seq: fc.nat(),
      at: fc.nat(),
      bodyJson: fc.option(fc.json()),
    });
    const event: fc.Arbitrary<TailEvent> = fc.oneof(
      record({
        kind: fc.constant("messages" as const),
        epoch: text,
        after: fc.nat(),
        messages: fc.array(
          fc.oneof(
            message,
            fc.tuple(message, fc.nat()).map(([each, re]) => ({ ...each, re })),
          ),
        ),
      }),
      record({ kind: fc.constant("redacted" as const), offset: fc.nat() }),
      record({ kind: fc.constant("trimmed" as const), earliest: fc.nat() }),
      record({ kind: fc.constant("deleted" as const) }),
      record({ kind: fc.constant("missed" as const), epoch: text, head: fc.nat(), earliest: fc.nat() }),
    );
    fc.assert(
      fc.property(event, (given) => {
        const columns = new ColumnWriter();
        writeEvent(columns, given);
        const sent = encodeLinkFrame(linkFrame("event", 1, columns.text, columns.numbers));
        const [received] = new LinkFrameReader().take(sent);
        assert.ok(received !== undefined);
        assert.deepEqual(readEvent(new ColumnReader(received)), given);
      }),
    );
  });

  test("[LOG-66] what is no frame of the link is refused before it is read", () => {
    assert.throws(() => new LinkFrameReader().take(Buffer.from("GET / HTTP/1.1\r\n\r\n")));
    assert.throws(() => new LinkFrameReader().take(Buffer.from([1, 0, 0, 0, 99])));
    const unknown = encodeLinkFrame(linkFrame("hello"));
    unknown.writeUInt8(200, 4);
    assert.throws(() => new LinkFrameReader().take(unknown));
  });
});
