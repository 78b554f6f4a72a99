import type { Mutant } from "./mutant.ts";

const FOLD = "packages/nats/src/room-fold.ts";
const PROPOSER = "packages/nats/src/proposer.ts";
const CATCH_UP = "packages/nats/src/catch-up.ts";
const FOLD_TEST = "packages/nats/src/room-fold.property.test.ts";
const CATCH_UP_TEST = "packages/nats/src/catch-up.test.ts";
const FEED_TEST = "packages/nats/src/room-feed.test.ts";
const MANY_NODES = "packages/nats/test/many-nodes.integration.test.ts";

/** Ways to break the log of several nodes. */
export const NATS_MUTANTS: readonly Mutant[] = [
  {
    name: "ack on the broker's word",
    harm: "a publish is acknowledged that another node's came before, and is nowhere",
    edits: [
      {
        file: PROPOSER,
        find: 'this.#decide(record?.id === flight.id ? "valid" : "void");',
        replace: "void record;",
      },
      {
        file: PROPOSER,
        find: "        const seq = await this.#room.publish(bytes, TRY_MS);\n",
        replace:
          '        const seq = await this.#room.publish(bytes, TRY_MS);\n        if (isOpen()) this.#decide("valid");\n',
      },
    ],
    tests: [MANY_NODES],
  },
  {
    name: "accept a record with a wrong prev",
    harm: "a record that lost against another, or comes a second time, takes effect all the same",
    edits: [
      {
        file: FOLD,
        find: "if (prev !== this.#lastSeq || prevId !== this.#lastId || epoch",
        replace: "if (epoch",
      },
    ],
    tests: [FOLD_TEST],
  },
  {
    name: "take a 404 for the head",
    harm: "a node that asked who lags serves a room without its newest messages",
    edits: [
      {
        file: CATCH_UP,
        find: "      if (until !== undefined || ((await source.head()) ?? 0) <= after) break;\n",
        replace: "      if (found === null) break;\n",
      },
    ],
    tests: [CATCH_UP_TEST],
  },
  {
    name: "read a room to no end",
    harm: "a node that opens a room which had nothing yet reads on for as long as others write to it, and never serves it",
    edits: [
      {
        file: CATCH_UP,
        find: "head === null && reads % READS_WITHOUT_HEAD === 0",
        replace: "head === null && reads < 0",
      },
    ],
    tests: [CATCH_UP_TEST],
  },
  {
    name: "believe one copy of a stream",
    harm: "a server that kept what was never stored makes a node serve and go on from that",
    edits: [
      {
        file: CATCH_UP,
        find: "const followed = await followName(source, reader, record);",
        replace:
          "const followed = record.prev > reader.lastSeq ? await followName(source, reader, record) : null;",
      },
    ],
    tests: [CATCH_UP_TEST, FEED_TEST],
  },
  {
    name: "believe the last record of one copy",
    harm: "behind it there is none that belies it, so a node goes on from what was never stored",
    edits: [
      {
        file: "packages/nats/src/room-feed.ts",
        find: "      await this.#checkLast();\n",
        replace: "",
      },
    ],
    tests: [FEED_TEST],
  },
];
