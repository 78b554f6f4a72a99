import type { Mutant } from "./mutant.ts";

const ROOM = "packages/server/src/room";
const NODES = `${ROOM}/presence-node.property.test.ts`;
const READERS = `${ROOM}/presence-room.property.test.ts`;

/** Ways to break presence. */
export const PRESENCE_MUTANTS: readonly Mutant[] = [
  {
    name: "do not ask for what a process said and was lost",
    harm: "somebody who left stays in the list for ever",
    edits: [
      {
        file: `${ROOM}/presence-peers.ts`,
        find: "if (seq > expected) this.#on.missed(node);",
        replace: "",
      },
    ],
    tests: [NODES],
  },
  {
    name: "let the dead process's people stay",
    harm: "a list of ghosts after a crash",
    edits: [{ file: `${ROOM}/presence-peers.ts`, find: "this.#on.dropped(node);", replace: "" }],
    tests: [NODES],
  },
  {
    name: "take the others for dead after one's own long stop",
    harm: "everybody leaves and joins when one process was swapped out",
    edits: [{ file: `${ROOM}/presence-node.ts`, find: "this.#peers.forgive(nowMs);", replace: "undefined;" }],
    tests: [NODES],
  },
  {
    name: "show an older profile where another process has it",
    harm: "two pages show one person with two names",
    edits: [
      {
        file: `${ROOM}/presence-fold.ts`,
        find: "a.at === b.at ? aNode < bNode : a.at < b.at",
        replace: "true",
      },
    ],
    tests: [NODES],
  },
  {
    name: "tell all who left ever since to who comes back",
    harm: "somebody is told to have left who was never there",
    edits: [
      {
        file: `${ROOM}/presence-history.ts`,
        find: "serial > from && !shown.has(identity)",
        replace: "!shown.has(identity)",
      },
    ],
    tests: [READERS],
  },
  {
    name: "leave out who changed while a reader was slow",
    harm: "a page that stalled shows who is not there",
    edits: [
      {
        file: `${ROOM}/presence-history.ts`,
        find: "serial > from && profileJson !== undefined",
        replace: "serial === this.#serial && profileJson !== undefined",
      },
    ],
    tests: [READERS],
  },
];
