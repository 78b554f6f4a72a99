import assert from "node:assert/strict";
import { describe, test } from "node:test";
import clientFixtures from "../../protocol/fixtures/client-frames.json" with { type: "json" };
import serverFixtures from "../../protocol/fixtures/server-frames.json" with { type: "json" };
import { decodeClientFrame, decodeServerFrame, type JsonObject } from "@parlor/protocol";
import binaryFixtures from "../fixtures/frames.json" with { type: "json" };
import { decodeStrictly, msgpack } from "./msgpack.ts";

/** What the other side reads, when this text is sent in MessagePack. */
function sent(text: string): JsonObject {
  const decoded = msgpack.decode(msgpack.encode(text));
  assert.ok(decoded.ok, JSON.stringify(decoded));
  return decoded.value;
}

/** What MessagePack has no word for: half of a character, and a zero below zero among whole numbers. */
const UNSAYABLE = ["hello with half a character in its key", "subscribe after minus zero"];

/** Whether a text is one that an encoder of ours could be handed: JSON, and an object. */
function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

describe("golden frames in MessagePack", () => {
  for (const { name, text } of clientFixtures.valid) {
    test(`[BINARY-1] of a client: ${name}`, () => {
      const expected = decodeClientFrame(text);
      assert.ok(expected.ok);
      const frame = decodeClientFrame(sent(text));
      assert.deepEqual(frame, expected);
      assert.equal(JSON.stringify(frame), JSON.stringify(expected), "a member called __proto__ is one");
    });
  }

  const sayable = clientFixtures.invalid.filter(
    ({ name, text }) => isObject(text) && !UNSAYABLE.includes(name),
  );
  for (const { name, text, code } of sayable) {
    test(`[BINARY-1] of a client: ${name} is ${code}`, () => {
      assert.deepEqual(decodeClientFrame(sent(text)), decodeClientFrame(text));
    });
  }

  for (const { name, text } of serverFixtures.valid) {
    test(`[BINARY-1] of a server: ${name}`, () => {
      const expected = decodeServerFrame(text);
      assert.ok(expected.ok);
      assert.deepEqual(decodeServerFrame(sent(text)), expected);
    });
  }

  for (const { name, text } of serverFixtures.ignored) {
    test(`[BINARY-1] of a server: ${name} is passed over`, () => {
      assert.deepEqual(decodeServerFrame(sent(text)), decodeServerFrame(text));
    });
  }
});

describe("golden frames in both encodings", () => {
  for (const [side, decodeFrame] of [
    ["client", decodeClientFrame],
    ["server", decodeServerFrame],
  ] as const) {
    for (const { name, text, hex } of binaryFixtures[side]) {
      test(`[BINARY-1] [BINARY-4] [BINARY-6] of a ${side}: ${name}`, () => {
        const expected = decodeFrame(text);
        assert.ok(expected.ok, JSON.stringify(expected));
        const bytes = Buffer.from(hex, "hex");
        for (const decoded of [msgpack.decode(bytes), decodeStrictly(bytes)]) {
          assert.ok(decoded.ok, JSON.stringify(decoded));
          const frame = decodeFrame(decoded.value);
          assert.deepEqual(frame, expected);
        }
        assert.equal(Buffer.from(msgpack.encode(text)).toString("hex"), hex);
      });
    }
  }
});
