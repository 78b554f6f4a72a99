import assert from "node:assert/strict";
import { describe, test } from "node:test";
import clientFixtures from "../fixtures/client-frames.json" with { type: "json" };
import serverFixtures from "../fixtures/server-frames.json" with { type: "json" };
import type { ClientFrame, ClientFrameType } from "./client-frames.ts";
import { decodeClientFrame } from "./decode-client-frame.ts";
import { decodeServerFrame } from "./decode-server-frame.ts";
import { encodeFrame } from "./encode.ts";
import type { ServerFrame, ServerFrameType } from "./server-frames.ts";

// The fixtures are for authors of clients and servers in any language; here they hold our own codec.

describe("golden frames of the client", () => {
  for (const { name, text, frame } of clientFixtures.valid) {
    test(`[FRAME-10] ${name}`, () => {
      // By JSON text, so that a member called __proto__ is compared as one.
      const decoded = decodeClientFrame(text);
      assert.ok(decoded.ok, JSON.stringify(decoded));
      assert.deepEqual(sorted(decoded.frame), sorted(frame));
      const again = decodeClientFrame(encodeFrame(decoded.frame));
      assert.deepEqual(again, decoded);
    });
  }

  for (const { name, text, code, names, echo } of clientFixtures.invalid) {
    test(`[FRAME-5] ${name} is ${code}`, () => {
      const decoded = decodeClientFrame(text);
      assert.ok(!decoded.ok, "it was taken");
      assert.equal(decoded.code, code);
      assert.ok(decoded.message.includes(names), decoded.message);
      assert.match(decoded.message, /^[`A-Z].*\.$/s);
      assert.deepEqual({ ...decoded.echo }, echo);
    });
  }

  test("[FRAME-10] there is a valid one of every type", () => {
    const all: Record<ClientFrameType, true> = {
      hello: true,
      renew: true,
      subscribe: true,
      unsubscribe: true,
      publish: true,
      signal: true,
      set: true,
      history: true,
      request: true,
      ping: true,
      pong: true,
    };
    assert.deepEqual(new Set(clientFixtures.valid.map(({ frame }) => frame.type)), new Set(Object.keys(all)));
  });
});

describe("golden frames of the server", () => {
  for (const { name, text, frame } of serverFixtures.valid) {
    test(`[FRAME-11] ${name}`, () => {
      const decoded = decodeServerFrame(text);
      assert.ok(decoded.ok, JSON.stringify(decoded));
      for (const [member, value] of Object.entries(frame)) {
        assert.deepEqual((decoded.frame as unknown as Record<string, unknown>)[member], value);
      }
      assert.deepEqual(decodeServerFrame(encodeFrame(frame as unknown as ServerFrame)), { ok: true, frame });
    });
  }

  for (const { name, text, type } of serverFixtures.ignored) {
    test(`[FRAME-11] ${name} is passed over`, () => {
      assert.deepEqual(decodeServerFrame(text), { ok: false, unknownType: type });
    });
  }

  for (const { name, text, names } of serverFixtures.invalid) {
    test(`[FRAME-11] ${name} is not believed`, () => {
      const decoded = decodeServerFrame(text);
      assert.ok(!decoded.ok && decoded.unknownType === null, "it was taken");
      assert.ok(decoded.fault.includes(names), decoded.fault);
    });
  }

  test("[FRAME-11] there is a valid one of every type", () => {
    const all: Record<ServerFrameType, true> = {
      welcome: true,
      subscribed: true,
      unsubscribed: true,
      messages: true,
      ack: true,
      refused: true,
      signal: true,
      signals: true,
      state: true,
      presence: true,
      history: true,
      reply: true,
      error: true,
      bye: true,
      ping: true,
      pong: true,
    };
    assert.deepEqual(new Set(serverFixtures.valid.map(({ frame }) => frame.type)), new Set(Object.keys(all)));
  });
});

/** As JSON text with the frame's members in one order. */
function sorted(frame: object): string {
  const members = Object.entries(frame as Partial<ClientFrame>).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(members);
}
