import type { Mutant } from "./mutant.ts";

/** Judges the cores under simulated faults. */
const SIMULATION = "simulation/simulation.integration.test.ts";
/** Judges the real log after cuts of power. */
const POWER_CUTS = "packages/log/test/power-cuts.integration.test.ts";

/** Reads the order of system calls. */
const ACK_AFTER_DISK = "apps/chat/server/test/ack-after-disk.integration.test.ts";

const ONCE = "packages/log/src/once.ts";
const LANE = "packages/server/src/session/publish-lane.ts";
const GATE = "packages/server/src/session/publish-gate.ts";
const SESSION = "packages/server/src/session/session.ts";
const CATCH_UP = "packages/server/src/room/catch-up.ts";
const SUBSCRIPTION = "packages/server/src/room/subscription.ts";
const BATCH = "packages/server/src/room/encoded-batch.ts";
const CURSOR = "packages/client/src/cursor.ts";
const OPEN = "packages/log/src/sqlite/open-database.ts";

/** For each invariant of docs/guarantees.md a way to break it that a run under faults must see. */
export const INVARIANT_MUTANTS: readonly Mutant[] = [
  {
    name: "I1: ack what the log refused",
    harm: "an acknowledged message is nowhere",
    edits: [
      {
        file: LANE,
        find: 'outcome = { kind: "refused", ...refusalOf(error, this.#services) };',
        replace: 'outcome = { kind: "ack", epoch: "", offset: undefined, isDuplicate: false };',
      },
    ],
    tests: [SIMULATION],
  },
  {
    name: "I2: deliver again what comes again",
    harm: "a page shows a message twice after a chain began anew",
    edits: [
      {
        file: CURSOR,
        find: "messages.filter((message) => message.offset > offset)",
        replace: "messages.filter((message) => message.offset > offset - 1)",
      },
      {
        file: CURSOR,
        find: "after: position.offset,",
        replace: "after: Math.max(0, position.offset - 1),",
      },
    ],
    tests: [SIMULATION],
  },
  {
    name: "I3: pass over what was trimmed",
    harm: "a reader has a hole, and nobody told it",
    edits: [{ file: CATCH_UP, find: "if (lostTo > state.cursor) {", replace: "if (lostTo > Infinity) {" }],
    tests: [SIMULATION],
  },
  {
    name: "I4: store another body",
    harm: "people read what nobody wrote",
    edits: [
      {
        file: GATE,
        find: "      bodyJson: request.bodyJson,\n      remember",
        replace: "      bodyJson: JSON.stringify(request.seq),\n      remember",
      },
    ],
    tests: [SIMULATION],
  },
  {
    name: "I5: store again what is sent again",
    harm: "a retry after a lost ack is a second message",
    edits: [{ file: ONCE, find: "if (append.seq <= mark.seq) {", replace: "if (append.seq < mark.seq) {" }],
    tests: [SIMULATION],
  },
  {
    name: "I6: sync nothing",
    harm: "a power cut loses what was acknowledged",
    edits: [
      {
        file: OPEN,
        find: 'set(db, "synchronous", "FULL", 2);',
        replace: 'set(db, "synchronous", "OFF", 0);',
      },
    ],
    tests: [ACK_AFTER_DISK, POWER_CUTS],
  },
  {
    name: "I7: tell one reader another text than the others",
    harm: "two people see different messages at one place",
    edits: [
      {
        file: BATCH,
        find: "this.texts.slice(start)",
        replace:
          'this.texts.slice(start).map((text, i) => text.replace(/"n":\\d+/, `"n":${(this.messages[i]?.seq ?? 0) + 1}`))',
      },
    ],
    tests: [SIMULATION],
  },
  {
    name: "I8: take a publish whose predecessor is missing",
    harm: "what somebody said stands in another order, or is gone",
    edits: [
      {
        file: ONCE,
        find: "if (mark.seq < append.afterSeq) return",
        replace: "if (mark.seq < append.afterSeq - 9_999) return",
      },
    ],
    tests: [SIMULATION],
  },
  {
    name: "I9: go on feeding whoever takes nothing",
    harm: "one slow reader fills the server's memory",
    edits: [
      {
        file: SUBSCRIPTION,
        find: "const isTaken = this.#sink.isWritable;",
        replace: "const isTaken = true;",
      },
    ],
    tests: [SIMULATION],
  },
  {
    name: "I10: forget a reader that was slow",
    harm: "a page that was slow once is silent for ever",
    edits: [
      {
        file: SESSION,
        find: "    for (const subscription of subscriptions.slice(first)) subscription.drained();\n",
        replace: "",
      },
    ],
    tests: [SIMULATION],
  },
  {
    name: "I11: ask nobody again whose subscription is just being opened",
    harm: "somebody reads on who may not any more",
    edits: [
      {
        file: SESSION,
        find: "      if (subscriptions.has(name)) this.#recheckRoom(name);",
        replace: "      if (this.#subscriptions.has(name)) this.#recheckRoom(name);",
      },
    ],
    tests: [SIMULATION],
  },
];
