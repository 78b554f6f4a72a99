import type { Mutant } from "./mutant.ts";

const COMMANDS = "apps/chat/server/commands";
const COMMAND_TESTS = "apps/chat/server/test";
const EVENTS = "packages/server/src/room/event-log.ts";
const EVENT_TEST = "packages/server/src/room/event-log.test.ts";
const HOOK_EVENTS_TEST = "packages/server/test/events.integration.test.ts";
const DELETE = "packages/log/src/sqlite/delete-room.ts";
const DELETE_TEST = "packages/log/src/sqlite/delete-room.test.ts";
const BOUNDS_TEST = "packages/server/test/bounds.integration.test.ts";

/** Ways to break what operators have: commands, lines and metrics. */
export const OPERATOR_MUTANTS: readonly Mutant[] = [
  {
    name: "delete a room without writing the file anew",
    harm: "copies of what was deleted stay in unused parts of the file",
    edits: [{ file: DELETE, find: '  db.exec("VACUUM");\n', replace: "" }],
    tests: [DELETE_TEST],
  },
  {
    name: "delete a room of a folder that a server has",
    harm: "the server goes on with rows that are not there any more",
    edits: [
      {
        file: DELETE,
        find: "const lock = FolderLock.take(folder);",
        replace: "const lock = { release: () => undefined };",
      },
    ],
    tests: [DELETE_TEST],
  },
  {
    name: "forget --key in parlor publish",
    harm: "an import that broke off stores its first lines twice",
    edits: [
      { file: `${COMMANDS}/publish.ts`, find: "if (key === undefined) return {};", replace: "return {};" },
    ],
    tests: [`${COMMAND_TESTS}/publish-command.integration.test.ts`],
  },
  {
    name: "print what strangers wrote as it is",
    harm: "a message rewrites the operator's terminal",
    edits: [
      {
        file: `${COMMANDS}/printable.ts`,
        find: "return text.replace(",
        replace: 'return text || "".replace(',
      },
    ],
    tests: [`${COMMANDS}/looking.test.ts`],
  },
  {
    name: "repeat an unknown frame's type in the log",
    harm: "a stranger writes what they like, or a client its secrets, into the operator's log",
    edits: [
      {
        file: EVENTS,
        find: 'to: ADDRESSES.has(to) || isClientFrameType(to) ? to : "frame",',
        replace: "to,",
      },
    ],
    tests: [EVENT_TEST],
  },
  {
    name: "write a line for every refusal",
    harm: "a flood fills the operator's disk",
    edits: [{ file: EVENTS, find: "if (!this.#lines.take(", replace: "if (false && !this.#lines.take(" }],
    tests: [EVENT_TEST],
  },
  {
    name: "log what a hook threw",
    harm: "the token that a hook complains about is in the log",
    edits: [
      {
        file: "packages/server/src/session/ask-hooks.ts",
        find: "`threw ${hookFaultText(fault)}`",
        replace: "`threw ${faultText(fault)}`",
      },
    ],
    tests: [HOOK_EVENTS_TEST],
  },
  {
    name: "count no full polls",
    harm: "an operator does not see why pages poll without a pause",
    edits: [
      {
        file: "packages/server/src/transport/poll-exchange.ts",
        find: "      this.services.counters.fullPolls += 1;\n",
        replace: "",
      },
    ],
    tests: [BOUNDS_TEST],
  },
];
