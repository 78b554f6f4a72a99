import type { Mutant } from "./mutant.ts";

const CLIENT_PROPERTY = "packages/client/src/client.property.test.ts";
const RACING_PROPERTY = "packages/client/src/transports/racing.property.test.ts";
const RACING_TEST = "packages/client/src/transports/racing-transport.test.ts";

/** Ways to break what a client does about a connection that was cut. */
export const CLIENT_MUTANTS: readonly Mutant[] = [
  {
    name: "send nothing again after a reconnect",
    harm: "what was on its way when the line was cut is never stored",
    edits: [
      {
        file: "packages/client/src/sender.ts",
        find: "      inFlight = sendIndex = retryAtMs = 0;",
        replace: "      inFlight = retryAtMs = 0;",
      },
    ],
    tests: [CLIENT_PROPERTY, "packages/client/src/outbox.test.ts"],
  },
  {
    name: "believe a broken chain",
    harm: "a frame that was lost on the way is never missed",
    edits: [
      {
        file: "packages/client/src/cursor.ts",
        find: "    if (after !== this.#chain) return this.#ask();",
        replace: "    if (after !== this.#chain) this.#chain = after;",
      },
    ],
    tests: [CLIENT_PROPERTY, "packages/client/src/cursor.test.ts"],
  },
  {
    name: "take over without sending again what was not acked",
    harm: "what was on its way when a better transport took over is never stored",
    edits: [
      {
        file: "packages/client/src/client-core.ts",
        find: "    if (this.connection.isLinked) this.#unlink();\n",
        replace: "",
      },
    ],
    tests: [RACING_PROPERTY, RACING_TEST],
  },
  {
    name: "take a probe's hello for an opening with the rooms",
    harm: "a room falls silent when a better transport takes over",
    edits: [
      {
        file: "packages/client/src/cursor.ts",
        find: "    } else if (opening.includes(question)) this.#asking()",
        replace: "    } else if (opening.length > 0) this.#asking()",
      },
    ],
    tests: [RACING_PROPERTY, RACING_TEST],
  },
  {
    name: "come back without jitter",
    harm: "a thousand clients that were cut at one moment come back at one moment",
    edits: [
      {
        file: "packages/base/src/backoff.ts",
        find: "  return random() * cap;",
        replace: "  return random() < 1 ? cap : 0;",
      },
    ],
    tests: ["packages/base/src/backoff.test.ts"],
  },
];
