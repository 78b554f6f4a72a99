import type { Mutant } from "./mutant.ts";

/** Judges the cores under simulated faults. */
const SIMULATION = "simulation/simulation.integration.test.ts";
/** A room that was deleted and written to again, over real connections. */
const NEXT_HISTORY = "packages/server/test/next-history.integration.test.ts";
const ROOM = "packages/server/src/room";

/** State, presence, signals, deletion and restoration, broken in ways that only faults show. */
export const BESIDE_MUTANTS: readonly Mutant[] = [
  {
    name: "simulated: keep in a page what was removed from the state meanwhile",
    harm: "a page that was away shows a value that is long gone",
    edits: [
      {
        file: "packages/client/src/room-state.ts",
        find: "    for (const key of this.values.keys()) if (!into.has(key)) this.#put(key, null);\n",
        replace: "",
      },
    ],
    tests: [SIMULATION],
  },
  {
    name: "simulated: answer a change of state that the log refused",
    harm: "a value that was acknowledged is not there",
    edits: [
      {
        file: `${ROOM}/state-room.ts`,
        find: "const place = await this.#append(encodeSet(key, valueJson), from);",
        replace:
          "const place = await this.#append(encodeSet(key, valueJson), from).catch(() => ({ epoch: '', offset: 0 }));",
      },
    ],
    tests: [SIMULATION],
  },
  {
    name: "simulated: tell nobody that a room was deleted",
    harm: "a page waits for ever in a history that is over",
    edits: [
      {
        file: `${ROOM}/room.ts`,
        find: '            subscription.end("The room was deleted.");\n',
        replace: "",
      },
    ],
    tests: [SIMULATION],
  },
  {
    name: "begin in a deleted room without an epoch",
    harm: "who comes to a room that was deleted has a cursor in no history",
    edits: [
      {
        file: `${ROOM}/start-position.ts`,
        find: ' || feed.epoch === "") return null;',
        replace: ") return null;",
      },
    ],
    tests: [`${ROOM}/start-position.test.ts`],
  },
  {
    name: "simulated: go on in another history behind the old cursor",
    harm: "after a backup was restored pages pass over what they never saw",
    edits: [
      {
        file: `${ROOM}/start-position.ts`,
        find: "if (isOtherHistory || after > head.head) {",
        replace: "if (after > head.head) {",
      },
    ],
    tests: [SIMULATION],
  },
  {
    name: "tell of another history as often as it is noticed",
    harm: "who read of the next history before the tail told of it is told its messages twice",
    edits: [
      {
        file: `${ROOM}/room.ts`,
        find: "    if (restarting.has(subscription)) return;\n",
        replace: "",
      },
    ],
    tests: [NEXT_HISTORY],
  },
  {
    name: "begin in another history before the tail has told of it",
    harm: "messages of a deleted room are told under the name of the one that followed it",
    edits: [
      {
        file: `${ROOM}/room.ts`,
        find: '    return this.#feed.epoch !== "" && start.epoch !== this.#feed.epoch;',
        replace: "    return start.epoch === null;",
      },
    ],
    tests: [NEXT_HISTORY, SIMULATION],
  },
  {
    name: "simulated: follow the state of a deleted room only where the log can be read at once",
    harm: "a page never sees state again that is set after a deletion",
    edits: [
      {
        file: `${ROOM}/state-room.ts`,
        find: "      clock.after(RETRY_PAUSE_MS, () => this.#followAgain());\n",
        replace: "      void clock;\n",
      },
    ],
    tests: [SIMULATION],
  },
  {
    name: "simulated: tell signals to who takes nothing",
    harm: "what is long over waits before messages",
    edits: [
      {
        file: `${ROOM}/signal-room.ts`,
        find: "if (!reader.takesSignals) {",
        replace: "if (counters === null) {",
      },
    ],
    tests: [SIMULATION],
  },
  {
    name: "simulated: tell signals to who said them",
    harm: "a page draws its own pointer twice",
    edits: [{ file: `${ROOM}/signal-frames.ts`, find: "!isFrom(signal, self)", replace: "true" }],
    tests: [SIMULATION],
  },
  {
    name: "simulated: go on telling signals to who was turned out",
    harm: "somebody hears what they may not hear any more",
    edits: [
      {
        file: "packages/server/src/session/signal-desk.ts",
        find: "    reading.room.leave(reading.reader);\n",
        replace: "",
      },
    ],
    tests: [SIMULATION],
  },
  {
    name: "simulated: show for ever who has left",
    harm: "a room is full of people who are not there",
    edits: [
      {
        file: "packages/server/src/session/presence-desk.ts",
        find: "    presences.leave(presence.lease);\n",
        replace: "    void presences;\n",
      },
    ],
    tests: [SIMULATION],
  },
  {
    name: "leave the state of a deleted room",
    harm: "whoever makes a room of that name reads what was deleted",
    edits: [
      {
        file: "packages/server/src/room-handle.ts",
        find: "    await this.#services.states.delete(this.name);\n    const wasThere",
        replace: "    const wasThere",
      },
    ],
    tests: ["packages/server/test/state.integration.test.ts"],
  },
  {
    name: "go on showing the state of a deleted room",
    harm: "a page shows what was deleted until it is loaded anew",
    edits: [
      {
        file: `${ROOM}/state-room.ts`,
        find: "    this.#readyAt = Infinity;\n    this.#letGo(() => true);\n    this.#followAgain();",
        replace: "",
      },
    ],
    tests: ["packages/server/test/state.integration.test.ts"],
  },
];
