import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { encode } from "@msgpack/msgpack";
import { bodyToJson, decodeClientFrame, decodeServerFrame, type EncodableMessage } from "@parlor/protocol";
import fc from "fast-check";
import { encodeSignals } from "./signals.ts";
import { decodeStrictly, encodeMessagesShared, msgpack } from "./msgpack.ts";

const bodies = fc.letrec<{ body: unknown }>((tie) => ({
  body: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
    ),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => new Uint8Array(bytes)),
    fc.array(tie("body"), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(
        fc.constantFrom("$bytes", "$$bytes", "__proto__", "$__proto__"),
        fc.string({ unit: "grapheme" }),
      ),
      tie("body"),
      {
        maxKeys: 4,
        noNullPrototype: true,
      },
    ),
  ),
})).body;

/** As it comes out of the log, whose messages rise. */
const stored = fc
  .array(
    fc.record({
      from: fc.constantFrom("ada", "bob", "@server"),
      producer: fc.constantFrom("producer-1", "producer-2"),
      seq: fc.integer({ min: 1 }),
      at: fc.integer({ min: 0 }),
      re: fc.option(fc.integer({ min: 1 }), { nil: undefined }),
      bodyJson: fc.option(
        bodies.map((body) => bodyToJson(body) as string),
        { nil: null },
      ),
    }),
    { maxLength: 8 },
  )
  .map((messages): EncodableMessage[] =>
    messages.map((message, index) => ({ ...message, offset: index + 1 })),
  );

function framesOf(message: Uint8Array): unknown {
  const decoded = msgpack.decode(message);
  assert.ok(decoded.ok, JSON.stringify(decoded));
  return decodeServerFrame(decoded.value);
}

function textOf(room: string, messages: readonly EncodableMessage[]): string {
  const items = messages.map(({ bodyJson, ...rest }) => {
    const head = JSON.stringify(rest).slice(0, -1);
    return bodyJson === null ? `${head},"body":null,"redacted":true}` : `${head},"body":${bodyJson}}`;
  });
  return `{"type":"messages","room":${JSON.stringify(room)},"after":0,"messages":[${items.join(",")}]}`;
}

describe("frames in MessagePack", () => {
  test("[BINARY-1] [BINARY-4] messages are read as they are from JSON, whether they were a text or come from the log", () => {
    fc.assert(
      fc.property(stored, (messages) => {
        const text = textOf("lobby", messages);
        const expected = decodeServerFrame(text);
        for (const bytes of [msgpack.encode(text), encodeMessagesShared("lobby", 0, messages)]) {
          const frame = framesOf(bytes);
          assert.deepEqual(frame, expected);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test("[BINARY-1] [BINARY-6] a client's bodies are read as they are from JSON, member for member", () => {
    fc.assert(
      fc.property(bodies, (body) => {
        const text = `{"type":"publish","room":"lobby","seq":1,"body":${bodyToJson(body) as string}}`;
        const decoded = decodeStrictly(msgpack.encode(text));
        assert.ok(decoded.ok);
        const frame = decodeClientFrame(decoded.value);
        assert.deepEqual(frame, decodeClientFrame(text));
        assert.equal(JSON.stringify(frame), JSON.stringify(decodeClientFrame(text)));
      }),
      { numRuns: 1_000 },
    );
  });

  test("[BINARY-1] [BINARY-4] signals that are put together are the frame that their text is", () => {
    const signals = fc.array(
      fc.record({
        from: fc.constantFrom("ada", "bob", "@server"),
        bodyJson: bodies.map((body) => bodyToJson(body) as string),
      }),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(signals, (said) => {
        const items = said.map(({ from, bodyJson }) => `{"from":${JSON.stringify(from)},"body":${bodyJson}}`);
        const text = `{"type":"signals","room":"arena","signals":[${items.join(",")}]}`;
        assert.equal(encodeSignals("arena", said).length, msgpack.encode(text).length);
        assert.deepEqual(framesOf(encodeSignals("arena", said)), decodeServerFrame(text));
      }),
      { numRuns: 500 },
    );
  });

  test("[BINARY-4] of many messages each id is said once", () => {
    const messages = Array.from({ length: 50 }, (_, i) => ({
      offset: i + 1,
      from: `identity-of-somebody-${i % 2}`,
      producer: `producer-of-somebody-${i % 2}`,
      seq: i + 1,
      at: 1_763_822_400_000 + i,
      bodyJson: '"hello"',
    }));
    const bytes = Buffer.from(encodeMessagesShared("lobby", 0, messages)).toString("latin1");
    assert.equal(bytes.split("identity-of-somebody-").length, 3);
    assert.equal(bytes.split("producer-of-somebody-").length, 3);
  });

  test("[BINARY-7] half a character arrives as U+FFFD, in names of members, too", () => {
    const text = String.raw`{"type":"signal","room":"r","from":"a","body":{"a\ud800b":"\udc00\\ud800","é":"\\\\\ud800"}}`;
    const decoded = msgpack.decode(msgpack.encode(text));
    assert.ok(decoded.ok);
    assert.deepEqual(decoded.value["body"], { "a\ufffdb": "\ufffd\\ud800", é: "\\\\\ufffd" });
  });
});

describe("bytes that are no frame", () => {
  test("[BINARY-5] whatever comes is a frame, or refused in words (O14)", () => {
    const sound = fc.constantFrom(
      msgpack.encode(
        '{"type":"publish","room":"lobby","seq":1,"body":{"a":[1,"text",null,0.5],"b":{"$bytes":"AQID"}}}',
      ),
      encode({
        type: "messages",
        room: "r",
        after: 0,
        ids: ["a", "b"],
        messages: [[1, 0, 1, 1, 5, "x", { re: 1 }]],
      }),
    );
    const changed = fc
      .tuple(sound, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.nat())
      .map(([bytes, changes, cut]) => {
        const copy = new Uint8Array(bytes);
        for (const [at, byte] of changes) copy[at % copy.length] = byte;
        return cut % 3 === 0 ? copy.subarray(0, cut % copy.length) : copy;
      });
    let taken = 0;
    fc.assert(
      fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 64 })), (bytes) => {
        assert.equal(msgpack.decode(bytes).ok || !decodeStrictly(bytes).ok, true);
        const decoded = decodeStrictly(bytes);
        if (!decoded.ok) {
          assert.match(decoded.fault, /^(not |no |cut short)/);
          return;
        }
        const client = decodeClientFrame(decoded.value);
        if (client.ok) taken += 1;
        else assert.match(client.message, /^[`A-Z].*\.$/s);
        decodeServerFrame(decoded.value);
      }),
      { numRuns: 20_000 },
    );
    assert.ok(taken > 100, "some are still frames");
  });

  const CASES: Readonly<Record<string, readonly [Uint8Array | number[], RegExp]>> = {
    nothing: [[], /cut short/],
    "a list that is cut": [[0x92, 1], /cut short/],
    "a list announced with four thousand million elements": [[0xdd, 255, 255, 255, 255, 1], /cut short/],
    "a map announced likewise": [[0xdf, 255, 255, 255, 255, 0xa1, 97, 1], /cut short/],
    "a text announced likewise": [[0xdb, 255, 255, 255, 255, 97], /cut short/],
    "bytes announced likewise": [[0xc6, 255, 255, 255, 255, 97], /cut short/],
    "lists in lists, each of which announces all that is left": [
      Array.from({ length: 60_000 }, (_, i) => [0xdc, 0x40, 0x00][i % 3] as number),
      /deeper/,
    ],
    "a length that is cut": [[0xdb, 255], /cut short/],
    "something behind it": [[0x80, 0x80], /follows/],
    "a byte that means nothing": [[0xc1], /not valid/],
    "a date": [[0xd6, 0xff, 0, 0, 0, 0], /extension/],
    "an extension of any length": [[0xc7, 1, 5, 0], /extension/],
    "a name that is a number": [[0x81, 1, 1], /no text/],
    "a name that is a list": [[0x81, 0x90, 1], /no text/],
    "text that is not UTF-8": [[0xa2, 0xc3, 0x28], /UTF-8/],
    "half a character": [[0xa3, 0xed, 0xa0, 0x80], /UTF-8/],
    "a long text that is not UTF-8": [[0xd9, 60, ...Array.from({ length: 60 }, () => 0xff)], /UTF-8/],
    "a member twice": [[0x82, 0xa1, 97, 1, 0xa1, 97, 2], /twice/],
    "a member twice, far inside": [[0x81, 0xa1, 97, 0x91, 0x82, 0xa1, 98, 1, 0xa1, 98, 2], /twice/],
    "__proto__ as itself": [[0x81, 0xa9, ...Buffer.from("__proto__"), 0x80], /__proto__/],
    "a list": [[0x90], /object/],
    "a number": [[1], /object/],
    "bytes alone": [[0xc4, 1, 1], /object/],
  };
  for (const [name, [bytes, words]] of Object.entries(CASES)) {
    test(`[BINARY-5] ${name} is refused in words`, () => {
      const decoded = decodeStrictly(Uint8Array.from(bytes));
      assert.ok(!decoded.ok);
      assert.match(decoded.fault, words);
    });
  }

  test("[BINARY-5] rows that are not what they should be are not believed", () => {
    const rows = [
      [1, 0],
      [1, 9, 9, 1, 5, "x"],
      "row",
      null,
      [["1"], 0, 0, 1, 1, 1],
      {},
      [1, "0", 0, 1, 1, 1],
    ];
    for (const row of rows) {
      const decoded = msgpack.decode(
        encode({ type: "messages", room: "r", after: 0, ids: ["a"], messages: [row] }),
      );
      assert.ok(decoded.ok);
      const frame = decodeServerFrame(decoded.value);
      assert.ok(!frame.ok && frame.unknownType === null, JSON.stringify(row));
    }
  });
});
