import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { lineReader } from "./line-reader.ts";

const text = fc.string({ unit: fc.constantFrom("a", "é", "漢", "🎈", " ", ":", "\u2028", "\u0000") });
const lineEnd = fc.constantFrom("\n", "\r", "\r\n");
const line = fc.tuple(text, lineEnd);

/** Bytes, cut at the given places. */
function pieces(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));
}

function read(reader: ReturnType<typeof lineReader>, parts: readonly Uint8Array[]): string[] {
  return parts.flatMap((part) => [...reader(part)]);
}

describe("lineReader", () => {
  test("[TRANSPORT-7] wherever the bytes are cut, and however lines end, the same lines come out", () => {
    fc.assert(
      fc.property(fc.array(line), text, fc.array(fc.nat(), { maxLength: 40 }), (lines, rest, cuts) => {
        // What is expected is read from the joined text: a CR may meet an LF of the next line there.
        const whole = lines.map(([content, end]) => content + end);
        const bytes = new TextEncoder().encode(whole.join("") + rest);
        const expected = (whole.join("") + rest).split(/\r\n|\r|\n/).slice(0, -1);
        assert.deepEqual(
          read(
            lineReader(() => Infinity),
            pieces(bytes, cuts),
          ),
          expected,
        );
      }),
      { numRuns: 500 },
    );
  });

  test("[TRANSPORT-7] single bytes give the lines that the whole gives", () => {
    const bytes = new TextEncoder().encode('{"a":"🎈"}\r\n\r\n{"b":"é"}\n');
    const single = [...bytes].map((byte) => Uint8Array.of(byte));
    assert.deepEqual(
      read(
        lineReader(() => 100),
        single,
      ),
      ['{"a":"🎈"}', "", '{"b":"é"}'],
    );
  });

  test("[TRANSPORT-7] what nothing ends is no line", () => {
    const reader = lineReader(() => 100);
    assert.deepEqual(read(reader, [new TextEncoder().encode('{"type":"ack"}')]), []);
  });

  test("[TRANSPORT-8] a line longer than allowed is refused, whether it ends or not", () => {
    const encode = (content: string): Uint8Array[] => [new TextEncoder().encode(content)];
    assert.deepEqual(
      read(
        lineReader(() => 4),
        encode("1234\n1234"),
      ),
      ["1234"],
    );
    assert.throws(
      () =>
        read(
          lineReader(() => 4),
          encode("12345\n"),
        ),
      RangeError,
    );
    assert.throws(
      () =>
        read(
          lineReader(() => 4),
          encode("12345"),
        ),
      RangeError,
    );
    const slow = lineReader(() => 4);
    assert.throws(() => read(slow, ["12", "34", "5"].flatMap(encode)), RangeError);
  });

  test("[TRANSPORT-8] bytes that are not UTF-8 are refused", () => {
    assert.throws(
      () =>
        read(
          lineReader(() => 100),
          [Uint8Array.of(0x61, 0xff, 0x0a)],
        ),
      TypeError,
    );
  });
});
