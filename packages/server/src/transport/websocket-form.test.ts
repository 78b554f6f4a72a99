import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { msgpack } from "@parlor/msgpack";
import { SUBPROTOCOL } from "@parlor/protocol";
import { EncodedBatch } from "../room/encoded-batch.ts";
import { SharedFrames } from "../room/shared-frames.ts";
import { decodeBinaryFrame, formOf, spokenSubprotocol } from "./websocket-form.ts";

const MESSAGE = {
  offset: 1,
  from: "ada",
  producer: "producer-1",
  seq: 1,
  at: 5,
  re: undefined,
  bodyJson: '"hi"',
};
const FORMS = [SUBPROTOCOL, msgpack.subprotocol].map(formOf);

describe("forms of frames on a WebSocket", () => {
  test("[BINARY-8] a batch is encoded once for all connections of a form, and not for a form that nobody speaks", (t) => {
    const batch = new EncodedBatch("lobby", "e", 0, [MESSAGE]);
    const bytes = FORMS.map(({ batches }) => {
      const encode = t.mock.method(batches, "encode");
      const first = batch.bytesFor(batches);
      assert.ok(first !== null);
      for (let other = 0; other < 100; other++) assert.equal(batch.bytesFor(batches), first);
      assert.equal(encode.mock.callCount(), 1);
      return first;
    });
    assert.deepEqual(
      bytes.map((each) => each[0]),
      [0x81, 0x82],
    );
  });

  test("[BINARY-8] so are frames that many are sent, such as signals", () => {
    const frames = new SharedFrames(() => [
      '{"type":"signal","room":"r","from":"a","body":1}',
      '{"type":"ping"}',
    ]);
    const bytes = FORMS.map((form) => {
      const first = frames.bytesFor(form.frames);
      assert.equal(frames.bytesFor(form.frames), first);
      return first;
    });
    assert.deepEqual(
      bytes.map((each) => each[0]),
      [0x81, 0x82],
    );
  });

  test("[BINARY-8] so is a room's state, which is handed to one connection after the other", () => {
    const { frames } = formOf(msgpack.subprotocol);
    const text = JSON.stringify({
      type: "state",
      room: "r",
      version: 2,
      full: true,
      more: false,
      entries: {},
    });
    const state = new SharedFrames(() => [text], null, "state");
    const first = state.bytesFor(frames);
    for (let other = 0; other < 10; other++) assert.equal(state.bytesFor(frames), first);
    const decoded = msgpack.decode(first.subarray(2));
    assert.ok(decoded.ok);
    assert.equal(decoded.value["version"], 2);
  });

  test("[BINARY-2] of the subprotocols that are offered the first that is known is spoken", () => {
    assert.equal(spokenSubprotocol(["x", msgpack.subprotocol, SUBPROTOCOL]), msgpack.subprotocol);
    assert.equal(spokenSubprotocol(["parlor.v2", SUBPROTOCOL]), SUBPROTOCOL);
    assert.equal(spokenSubprotocol(["constructor"]), null);
  });

  test("[BINARY-5] what is no MessagePack is bad-frame, in a sentence", () => {
    assert.deepEqual(decodeBinaryFrame(Uint8Array.of(0xc1)), {
      ok: false,
      code: "bad-frame",
      message: "The frame is not valid MessagePack.",
      echo: {},
    });
  });
});
