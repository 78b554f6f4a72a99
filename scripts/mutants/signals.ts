import type { Mutant } from "./mutant.ts";

const ROOM = "packages/server/src/room";
const ROOM_TEST = `${ROOM}/signal-room.test.ts`;
const PROPERTY = `${ROOM}/signal-room.property.test.ts`;
const WIRE = "packages/server/test/signals.integration.test.ts";
const EVERYWHERE = "packages/server/test/signals-everywhere.integration.test.ts";
const BUS = "packages/log/src/remote";
const BUS_TEST = `${BUS}/remote-bus.test.ts`;

/** Ways to break signals, and the bus between processes. */
export const SIGNAL_MUTANTS: readonly Mutant[] = [
  {
    name: "tell a signal to its sender",
    harm: "a page draws its own pointer twice, late",
    edits: [{ file: `${ROOM}/signal-frames.ts`, find: "!isFrom(signal, self)", replace: "true" }],
    tests: [WIRE, EVERYWHERE],
  },
  {
    name: "add signals to what a slow reader has not taken",
    harm: "a page that was away is shown what is long over, and its messages wait behind it",
    edits: [
      {
        file: "packages/server/src/transport/socket-writer.ts",
        find: "writableLength < SIGNAL_MARK_BYTES",
        replace: "writableLength < 64 * SIGNAL_MARK_BYTES",
      },
    ],
    tests: [WIRE],
  },
  {
    name: "forget when the last tick was",
    harm: "fifty people at 60 Hz are 3,000 frames a second to each",
    edits: [
      {
        file: `${ROOM}/signal-room.ts`,
        find: "this.#lastMs = this.#deps.clock.monotonic();",
        replace: "this.#lastMs = -Infinity;",
      },
    ],
    tests: [ROOM_TEST, PROPERTY],
  },
  {
    name: "let a signal that a hook judges at once overtake one that waits for it",
    harm: "a key that was let go stays pressed",
    edits: [
      {
        file: "packages/server/src/session/signal-desk.ts",
        find: "    if (this.#asked === null) {\n",
        replace: "    if (this.#asked !== undefined) {\n",
      },
    ],
    tests: [WIRE],
  },
  {
    name: "give every send a rate of its own",
    harm: "whoever sends by requests is bound by no rate at all",
    edits: [
      {
        file: "packages/server/src/session/signal-desk.ts",
        find: "connection.isOneRequest === true",
        replace: "connection.isOneRequest === null",
      },
    ],
    tests: [EVERYWHERE],
  },
  {
    name: "let no signal end a poll",
    harm: "who polls hears signals half a minute late",
    edits: [
      {
        file: "packages/server/src/transport/poll-exchange.ts",
        find: "this.#progress.signalled();",
        replace: "",
      },
    ],
    tests: [EVERYWHERE],
  },
  {
    name: "do not listen again on a link that came back",
    harm: "after the owner was restarted, workers are deaf to each other",
    edits: [{ file: `${BUS}/remote-bus.ts`, find: "void this.#ask(channel);", replace: "continue;" }],
    tests: [BUS_TEST],
  },
  {
    name: "send on the bus whatever waits on the link",
    harm: "answers of the log stand behind signals",
    edits: [
      {
        file: `${BUS}/remote-bus.ts`,
        find: "this.#link.waitingBytes > MAX_BUS_WAITING_BYTES",
        replace: "this.#link.waitingBytes > 1e9",
      },
    ],
    tests: [BUS_TEST],
  },
];
