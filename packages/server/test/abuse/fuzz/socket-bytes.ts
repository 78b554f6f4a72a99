import { msgpack } from "@parlor/msgpack";
import { encodeRawFrame, OPCODES, type RawFrameOptions } from "@parlor/testkit";
import fc from "fast-check";
import { upgradeHead } from "../../support/raw-http.ts";

/** What one socket writes, and how it leaves. */
export interface FuzzedSocket {
  /** In so many writes. */
  readonly writes: readonly Buffer[];
  /** Whether the handshake is whole, so that frames follow in the server's eyes. */
  readonly isWelcome: boolean;
  readonly leaves: "end" | "reset";
}

/** One key for every mask, so that a seed gives the same bytes. */
const MASK = Uint8Array.of(1, 2, 3, 4);

const frame = (options: RawFrameOptions): Buffer => encodeRawFrame({ mask: MASK, ...options });
const text = (value: object): Buffer => frame({ payload: JSON.stringify(value) });

const HELLO = text({
  type: "hello",
  version: 1,
  key: "a-key-of-the-fuzzer-that-is-long",
  producer: "producer-1",
});

const FRAMES: readonly Buffer[] = [
  HELLO,
  text({ type: "subscribe", room: "lobby", last: 5 }),
  text({ type: "subscribe", room: "other", after: 0 }),
  text({ type: "publish", room: "other", seq: 1, body: { text: "hi" } }),
  text({ type: "publish", room: "other", seq: 2, body: "x".repeat(300) }),
  text({ type: "history", id: 1, room: "lobby", limit: 10 }),
  // What nobody may read: an answer that held anything of it would be found out.
  text({ type: "subscribe", room: "vault", last: 5 }),
  text({ type: "history", id: 2, room: "vault", limit: 10 }),
  text({ type: "unsubscribe", room: "lobby" }),
  text({ type: "renew", token: "x" }),
  text({ type: "ping" }),
  frame({ opcode: OPCODES.ping, payload: "ping" }),
  frame({ opcode: OPCODES.pong }),
  frame({ opcode: OPCODES.binary, payload: Uint8Array.of(1, 2, 3) }),
  frame({ isFinal: false, payload: '{"type":' }),
  frame({ opcode: OPCODES.continuation, payload: '"ping"}' }),
  frame({ opcode: OPCODES.close, payload: Uint8Array.of(0x03, 0xe8) }),
  frame({ payload: "plain text" }),
];

const binary = (value: object): Buffer =>
  frame({ opcode: OPCODES.binary, payload: msgpack.encode(JSON.stringify(value)) });

const BINARY_HELLO = binary({
  type: "hello",
  version: 1,
  key: "a-key-of-the-fuzzer-that-is-long",
  producer: "producer-2",
});

/** For a connection whose frames are binary. */
const BINARY_FRAMES: readonly Buffer[] = [
  BINARY_HELLO,
  binary({ type: "subscribe", room: "lobby", last: 5, signals: "batched", state: true }),
  binary({
    type: "publish",
    room: "other",
    seq: 1,
    body: { text: "hi", data: { $bytes: "AQID" }, n: [1, 0.5] },
  }),
  binary({ type: "signal", room: "lobby", body: { $bytes: "AQIDBAUGBwg" } }),
  binary({ type: "set", room: "lobby", key: "a", value: { $bytes: "AQID" }, id: 3 }),
  binary({ type: "history", id: 1, room: "lobby", limit: 10 }),
  binary({ type: "history", id: 2, room: "vault", limit: 10 }),
  binary({ type: "request", id: 1, method: "none", params: null }),
  binary({ type: "ping" }),
  frame({ payload: '{"type":"ping"}' }),
  frame({ opcode: OPCODES.binary, payload: Uint8Array.of(0xdd, 255, 255, 255, 255, 1) }),
  frame({ opcode: OPCODES.binary, payload: Uint8Array.of(0x81, 0xa4, 116, 121, 112, 101, 0xc1) }),
];

const HANDSHAKES: readonly Buffer[] = [
  { target: "/connect" },
  { target: "/rooms/lobby" },
  { target: "/rooms/lobby?last=5", headers: { "Sec-WebSocket-Protocol": null } },
  { target: "/rooms/vault?last=5", headers: { "Sec-WebSocket-Protocol": null } },
  { target: "/rooms/other?after=0", headers: { "Sec-WebSocket-Protocol": null } },
].map((request) => Buffer.from(upgradeHead(request), "latin1"));

const BINARY_HANDSHAKE = Buffer.from(
  upgradeHead({ target: "/connect", headers: { "Sec-WebSocket-Protocol": msgpack.subprotocol } }),
  "latin1",
);

type Change =
  | { readonly kind: "flip"; readonly at: number; readonly bits: number }
  | { readonly kind: "cut" | "repeat"; readonly at: number; readonly size: number }
  | { readonly kind: "insert"; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "move"; readonly at: number; readonly to: number; readonly size: number }
  | { readonly kind: "end"; readonly at: number };

const size = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 4 }) },
  fc.integer({ min: 1, max: 80 }),
);

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant("flip" as const), at: fc.nat(), bits: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ kind: fc.constantFrom("cut" as const, "repeat" as const), at: fc.nat(), size }),
  fc.record({
    kind: fc.constant("insert" as const),
    at: fc.nat(),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }),
  }),
  fc.record({ kind: fc.constant("move" as const), at: fc.nat(), to: fc.nat(), size }),
  fc.record({ kind: fc.constant("end" as const), at: fc.nat() }),
);

function changed(bytes: Buffer, one: Change): Buffer {
  if (bytes.length === 0) return bytes;
  const at = one.at % bytes.length;
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (one.kind) {
    case "flip": {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] as number) ^ one.bits;
      return flipped;
    }
    case "cut":
      return Buffer.concat([before, after.subarray(one.size)]);
    case "repeat":
      return Buffer.concat([before, after.subarray(0, one.size), after]);
    case "insert":
      return Buffer.concat([before, one.bytes, after]);
    case "move": {
      const to = one.to % bytes.length;
      return Buffer.concat([before, bytes.subarray(to, to + one.size), after]);
    }
    case "end":
      return before;
  }
}

interface Speech {
  readonly handshake: Buffer;
  readonly hello: Buffer;
  readonly frames: readonly Buffer[];
}

function speech(
  handshakes: readonly Buffer[],
  hello: Buffer,
  frames: readonly Buffer[],
): fc.Arbitrary<Speech> {
  return fc.record({
    handshake: fc.constantFrom(...handshakes),
    hello: fc.constant(hello),
    frames: fc.array(fc.constantFrom(...frames), { maxLength: 8 }),
  });
}

/** Valid streams with a few of their bytes flipped, cut out, repeated, put in, moved, or the rest left out. */
export const fuzzedSocket: fc.Arbitrary<FuzzedSocket> = fc
  .record({
    speech: fc.oneof(
      { weight: 2, arbitrary: speech(HANDSHAKES, HELLO, FRAMES) },
      { weight: 1, arbitrary: speech([BINARY_HANDSHAKE], BINARY_HELLO, BINARY_FRAMES) },
    ),
    greets: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
    changes: fc.array(change, { minLength: 0, maxLength: 4 }),
    /** Mostly of the frames alone, since most changes of a handshake are the end of it. */
    spares: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
    cuts: fc.array(fc.nat(), { maxLength: 4 }),
    leaves: fc.oneof(
      { weight: 5, arbitrary: fc.constant("end" as const) },
      { weight: 1, arbitrary: fc.constant("reset" as const) },
    ),
  })
  .map(({ speech: { handshake, hello, frames }, greets, changes, spares, cuts, leaves }) => {
    const said = Buffer.concat(greets ? [hello, ...frames] : frames);
    const whole = changes.reduce(changed, spares ? said : Buffer.concat([handshake, said]));
    const bytes = spares ? Buffer.concat([handshake, whole]) : whole;
    const places = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b);
    const writes = [0, ...places].map((from, i) => bytes.subarray(from, places[i] ?? bytes.length));
    return { writes: writes.filter((each) => each.length > 0), isWelcome: spares, leaves };
  });
