import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import clientFixtures from "../fixtures/client-frames.json" with { type: "json" };
import serverFixtures from "../fixtures/server-frames.json" with { type: "json" };
import { isErrorCode } from "./codes.ts";
import { decodeClientFrame } from "./decode-client-frame.ts";
import { decodeServerFrame } from "./decode-server-frame.ts";
import { encodeFrame, encodeMessage, encodeMessagesFrame, type EncodableMessage } from "./encode.ts";

const RUNS = { numRuns: 2_000 };
const goldenTexts = [...clientFixtures.valid, ...clientFixtures.invalid, ...serverFixtures.valid].map(
  ({ text }) => text,
);
const goldenFrames = clientFixtures.valid.map(({ frame }) => frame as Record<string, unknown>);

/** A golden frame in which some members have another value, are gone, or are new. */
const mutatedFrame = fc
  .tuple(
    fc.constantFrom(...goldenFrames),
    fc.array(
      fc.tuple(
        fc.nat(),
        fc.option(fc.oneof(fc.jsonValue(), fc.constantFrom(-0, 1e300, 2 ** 53, "", "\ud800"))),
      ),
      {
        minLength: 1,
        maxLength: 3,
      },
    ),
    fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 2 }),
  )
  .map(([frame, changes, more]) => {
    const mutated: Record<string, unknown> = { ...frame, ...more };
    const names = Object.keys(mutated);
    for (const [index, value] of changes) {
      const name = names[index % names.length] as string;
      if (value === null) delete mutated[name];
      else mutated[name] = value;
    }
    return JSON.stringify(mutated);
  });

/** A golden frame's text with characters cut out, put in or changed. */
const mutatedText = fc
  .tuple(
    fc.constantFrom(...goldenTexts),
    fc.nat(),
    fc.nat({ max: 4 }),
    fc.string({ unit: "binary", maxLength: 3 }),
  )
  .map(([text, at, cut, insert]) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + insert + text.slice(place + cut);
  });

const anyText = fc.oneof(fc.string({ unit: "binary" }), fc.json(), mutatedFrame, mutatedText);

describe("the codec is total", () => {
  test("[FRAME-1] any text from a client is a frame, or a code with a sentence (O14, O25)", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const decoded = decodeClientFrame(text);
        if (decoded.ok) {
          assert.deepEqual(decodeClientFrame(encodeFrame(decoded.frame)), decoded);
          return;
        }
        assert.ok(isErrorCode(decoded.code));
        assert.match(decoded.message, /^[`A-Z][^]*\.$/);
        assert.ok(decoded.message.length < 2_000);
      }),
      RUNS,
    );
  });

  test("[FRAME-11] any text from a server is a frame, one to be passed over, or a fault in words", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const decoded = decodeServerFrame(text);
        if (!decoded.ok && decoded.unknownType === null) assert.match(decoded.fault, /\.$/);
      }),
      RUNS,
    );
  });

  test("[FRAME-8] a hundred thousand levels of nesting are an answer in words on both sides", () => {
    for (const [open, close] of [
      ["[", "]"],
      ['{"a":', "}"],
    ] as const) {
      const deep = `${open.repeat(100_000)}1${close.repeat(100_000)}`;
      const publish = decodeClientFrame(`{"type":"publish","room":"lobby","seq":1,"body":${deep}}`);
      assert.ok(!publish.ok && publish.code === "bad-frame");
      assert.deepEqual({ ...publish.echo }, { to: "publish", room: "lobby", seq: 1 });
      const signal = decodeServerFrame(`{"type":"signal","room":"lobby","from":"x","body":${deep}}`);
      assert.ok(!signal.ok && signal.unknownType === null);
      assert.match(signal.fault, /nesting deeper than/);
    }
  });

  test("[FRAME-11] a number beyond the doubles is in no frame of a server, wherever it stands", () => {
    const signal = decodeServerFrame('{"type":"signal","room":"lobby","from":"x","body":{"n":[-1e400]}}');
    assert.match(!signal.ok && signal.unknownType === null ? signal.fault : "", /number beyond the doubles/);
  });

  test("[FRAME-8] what a client may send a server may show, in a frame or in a page of history", () => {
    const body = `${"[".repeat(99)}${"]".repeat(99)}`;
    assert.ok(decodeClientFrame(`{"type":"publish","room":"lobby","seq":1,"body":${body}}`).ok);
    const bodyJson = `${"[".repeat(100)}${"]".repeat(100)}`;
    const message = encodeMessage({ offset: 1, from: "a", producer: "b", seq: 1, at: 1, bodyJson });
    assert.ok(decodeServerFrame(encodeMessagesFrame("lobby", 0, [message])).ok);
  });

  test("[FRAME-6] the key of a hello is in no answer, whatever else is wrong with it", () => {
    const key = "this-is-the-secret-of-somebody";
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("version", "producer", "token", "profile", "room"), fc.jsonValue()),
        (members) => {
          const decoded = decodeClientFrame(JSON.stringify({ ...members, type: "hello", key }));
          if (!decoded.ok) assert.ok(!JSON.stringify(decoded).includes(key));
        },
      ),
    );
  });

  test("[FRAME-4] members that nobody knows change nothing", () => {
    const known = new Set(goldenFrames.flatMap((frame) => Object.keys(frame)));
    const names = fc.string().filter((name) => !known.has(name));
    fc.assert(
      fc.property(fc.constantFrom(...goldenFrames), fc.dictionary(names, fc.jsonValue()), (frame, more) => {
        const plain = decodeClientFrame(JSON.stringify(frame));
        assert.deepEqual(decodeClientFrame(JSON.stringify({ ...more, ...frame })), plain);
      }),
    );
  });
});

const message: fc.Arbitrary<EncodableMessage> = fc.record(
  {
    offset: fc.maxSafeNat(),
    from: fc.string({ unit: "binary" }),
    producer: fc.string({ unit: "binary" }),
    seq: fc.maxSafeNat(),
    at: fc.maxSafeNat(),
    re: fc.option(fc.maxSafeNat(), { nil: undefined }),
    bodyJson: fc.option(fc.json()),
  },
  { requiredKeys: ["offset", "from", "producer", "seq", "at", "bodyJson"] },
);

/** The object that the text stands for, with its members in the order of the text. */
function asObject({ offset, from, producer, seq, at, re, bodyJson }: EncodableMessage): object {
  return {
    offset,
    from,
    producer,
    seq,
    at,
    ...(re === undefined ? {} : { re }),
    body: bodyJson === null ? null : (JSON.parse(bodyJson) as unknown),
    ...(bodyJson === null ? { redacted: true } : {}),
  };
}

describe("encoding", () => {
  test("[FRAME-12] a message's text is the JSON of its object", () => {
    fc.assert(
      fc.property(message, (each) => {
        const compact = {
          ...each,
          bodyJson: each.bodyJson === null ? null : JSON.stringify(JSON.parse(each.bodyJson)),
        };
        assert.equal(encodeMessage(compact), JSON.stringify(asObject(each)));
      }),
    );
  });

  test("[FRAME-12] a frame of messages is the JSON of the frame, with the same bytes for each message", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.maxSafeNat(),
        fc.array(message),
        (room, after, messages) => {
          const compact = messages.map((each) => encodeMessage(each));
          const text = encodeMessagesFrame(room, after, compact);
          const object = { type: "messages", room, after, messages: messages.map(asObject) };
          assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(object)));
          for (const each of compact) assert.ok(text.includes(each));
        },
      ),
    );
  });

  test("[FRAME-12] a frame is one line", () => {
    fc.assert(
      fc.property(message, fc.string({ unit: "binary" }), (each, room) => {
        const bodyJson = each.bodyJson === null ? null : JSON.stringify(JSON.parse(each.bodyJson));
        assert.doesNotMatch(encodeMessagesFrame(room, 0, [encodeMessage({ ...each, bodyJson })]), /[\n\r]/);
      }),
    );
  });
});
