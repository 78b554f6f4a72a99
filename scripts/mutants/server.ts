import type { Mutant } from "./mutant.ts";

const CATCH_UP = "packages/server/src/room/catch-up.ts";
const BATCH = "packages/server/src/room/encoded-batch.ts";
const ROOM_PROPERTY = "packages/server/src/room/room.property.test.ts";
const SLOW_READERS = "packages/server/test/slow.integration.test.ts";
const POLL_EXCHANGE = "packages/server/src/transport/poll-exchange.ts";
const POLL = "packages/server/test/poll.integration.test.ts";
const SEND = "packages/server/test/send.integration.test.ts";
const BATCHES = "packages/server/src/room/batches.test.ts";

/** Ways to break the path from the log to the subscribers. */
export const SERVER_MUTANTS: readonly Mutant[] = [
  {
    name: "refuse what is stored",
    harm: "a message stands in the room, and its author is told that it does not, and says it again",
    edits: [
      {
        file: "packages/server/src/session/unless-stored.ts",
        find: "  if (!speaker.remember) return refusal;",
        replace: '  if (speaker.producer !== "") return refusal;',
      },
    ],
    tests: ["packages/server/test/stored-then-refused.integration.test.ts"],
  },
  {
    name: "drop on overflow",
    harm: "a slow reader misses what was said while it was slow",
    edits: [
      {
        file: CATCH_UP,
        find: '      return state.phase === "blocked" ? advance(state, view) : { state, effect: NONE };',
        replace:
          '      return state.phase === "blocked" ? advance({ ...state, cursor: view.fannedOut }, view) : { state, effect: NONE };',
      },
    ],
    tests: [ROOM_PROPERTY, SLOW_READERS],
  },
  {
    name: "break the chain",
    harm: "a hole passes unseen, or a client resubscribes without a reason",
    edits: [
      {
        file: "packages/server/src/room/room.ts",
        find: "cutIntoBatches(this.name, this.#feed.epoch, this.#fannedOut, this.#pending)",
        replace:
          "cutIntoBatches(this.name, this.#feed.epoch, Math.max(0, this.#fannedOut - 1), this.#pending)",
      },
    ],
    tests: [ROOM_PROPERTY, "packages/server/test/chain.integration.test.ts"],
  },
  {
    name: "break the chain within a long burst",
    harm: "every second frame of a burst makes its readers start again",
    edits: [{ file: BATCH, find: "    follows = part.at(-1)?.offset ?? follows;\n", replace: "" }],
    tests: [BATCHES],
  },
  {
    name: "skip the splice",
    harm: "what is said while somebody joins reaches them never",
    edits: [
      {
        file: CATCH_UP,
        find: "        ? advance(moved, view)\n",
        replace: '        ? { state: { ...moved, phase: "live" }, effect: { kind: "go-live" } }\n',
      },
    ],
    tests: [ROOM_PROPERTY],
  },
  {
    name: "be silent on what was trimmed",
    harm: "a reader that was away too long does not learn that something is missing",
    edits: [
      { file: CATCH_UP, find: "  if (lostTo > state.cursor) {", replace: "  if (lostTo > Infinity) {" },
    ],
    tests: [ROOM_PROPERTY],
  },
  {
    name: "answer a send out of order",
    harm: "a client takes the answer to one of its frames for that to another",
    edits: [
      {
        file: "packages/server/src/transport/send-exchange.ts",
        find: "    if (this.#unanswered === 0) return true;\n",
        replace: "    if (this.#unanswered >= 0) return true;\n",
      },
    ],
    tests: [SEND],
  },
  {
    name: "forget what comes while a poll waits",
    harm: "what is said reaches whoever polls only when the wait is over",
    edits: [
      {
        file: POLL_EXCHANGE,
        find: "    if (!this.isOpen) return true;\n",
        replace: "    if (!this.isOpen || this.#progress.isCaughtUp) return true;\n",
      },
    ],
    tests: [POLL],
  },
  {
    name: "end a poll before it has caught up",
    harm: "a page that polls joins an empty room, or is told of nothing for a long time",
    edits: [
      {
        file: POLL_EXCHANGE,
        find: "    return this.#progress.isCaughtUp && (",
        replace: "    return this.#progress.isAnswered && (",
      },
    ],
    tests: [POLL],
  },
];
