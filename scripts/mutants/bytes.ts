import type { Mutant } from "./mutant.ts";

const FORM = "packages/protocol/src/body-json.ts";
const FORM_TEST = "packages/protocol/src/body-json.property.test.ts";
const PACKED = "packages/msgpack/src";
const PACKED_TEST = `${PACKED}/msgpack.property.test.ts`;
const GOLDEN = `${PACKED}/golden-frames.test.ts`;
const WIRE = "packages/server/test/binary.integration.test.ts";
const SHARED = "packages/server/src/transport/websocket-form.test.ts";
const CLIENT = "packages/client/test/bytes.integration.test.ts";

/** Ways to break bytes in bodies, and the binary form of frames. */
export const BYTES_MUTANTS: readonly Mutant[] = [
  {
    name: "write what only looks like bytes as it is",
    harm: "an object of somebody's arrives as bytes that nobody sent",
    edits: [{ file: FORM, find: "{ [`$${name}`]:", replace: "{ [name]:" }],
    tests: [FORM_TEST, CLIENT],
  },
  {
    name: "take every text for bytes",
    harm: "an object of somebody's is silently cut",
    edits: [{ file: FORM, find: "text.length % 4 === 1 ||", replace: "" }],
    tests: [FORM_TEST],
  },
  {
    name: "restore a state's keys as bytes",
    harm: "a state whose only key is called so can't be read",
    edits: [
      {
        file: "packages/protocol/src/frame-bodies.ts",
        find: 'const BODIES = ["body", "value", "params", "result"];',
        replace: 'const BODIES = ["body", "value", "params", "result", "entries"];',
      },
    ],
    tests: [CLIENT, GOLDEN, "packages/protocol/src/golden-frames.test.ts"],
  },
  {
    name: "open lists in binary frames to any depth",
    harm: "a stranger makes the server walk as deep as a message is long",
    edits: [{ file: `${PACKED}/survey.ts`, find: "left.length >= maxNesting", replace: "left.length < 0" }],
    tests: [PACKED_TEST, WIRE],
  },
  {
    name: "take a member of a binary frame twice",
    harm: "two readers of one frame see two of them",
    edits: [
      {
        file: `${PACKED}/msgpack.ts`,
        find: "settling.members !== seen.members",
        replace: "settling.members < 0",
      },
    ],
    tests: [PACKED_TEST, WIRE],
  },
  {
    name: "hand out bytes that are a part of the message",
    harm: "one small body keeps a large message in memory, and may be written over",
    edits: [
      { file: `${PACKED}/members.ts`, find: "return new Uint8Array(value);", replace: "return value;" },
    ],
    tests: [PACKED_TEST, CLIENT],
  },
  {
    name: "encode a batch of bytes for each subscriber",
    harm: "the server's time goes with the number of those who hear",
    edits: [
      {
        file: "packages/server/src/room/encoded-batch.ts",
        find: "if (shared !== undefined) return shared;",
        replace: "if (shared !== undefined && encoder.isBulky !== true) return shared;",
      },
    ],
    tests: [SHARED],
  },
  {
    name: "speak bytes with a server that chose JSON",
    harm: "a new client can't talk with an older server",
    edits: [
      {
        file: "packages/protocol/src/socket-encoding.ts",
        find: "this.#socket.protocol === encoding.subprotocol",
        replace: "true",
      },
    ],
    tests: [CLIENT],
  },
  {
    name: "answer a text with bytes missing from the form of the connection",
    harm: "a client that sends one text by mistake is cut off",
    edits: [
      {
        file: "packages/server/src/transport/websocket-peer.ts",
        find: "isBinary !== this.connection.isBinary",
        replace: "isBinary && !this.connection.isBinary",
      },
    ],
    tests: [WIRE],
  },
];
