import type { Mutant } from "./mutant.ts";

const FOLDER = "packages/client/src/transports";
const LANE = `${FOLDER}/send-lane.test.ts`;
const STREAM = `${FOLDER}/stream-transport.test.ts`;
const POLL = `${FOLDER}/poll-transport.test.ts`;

/** Ways to break the client's transports that are made of requests. */
export const CLIENT_REQUEST_MUTANTS: readonly Mutant[] = [
  {
    name: "cut characters in two where their bytes are cut",
    harm: "a message with an accent arrives damaged, or the connection ends on it",
    edits: [{ file: `${FOLDER}/line-reader.ts`, find: "{ stream: true }", replace: "{}" }],
    tests: [`${FOLDER}/line-reader.property.test.ts`],
  },
  {
    name: "take an answer that is short of answers for whole",
    harm: "a publish whose server died behind a proxy waits for its ack for ever",
    edits: [
      {
        file: `${FOLDER}/send-lane.ts`,
        find: "if (unanswered > 0) link",
        replace: "if (unanswered > 1e9) link",
      },
    ],
    tests: [LANE],
  },
  {
    name: "send upward while a request is under way",
    harm: "what a producer says later arrives earlier, and is refused",
    edits: [
      {
        file: `${FOLDER}/send-lane.ts`,
        find: "    if (!isBusy) queueMicrotask(next);",
        replace: "    queueMicrotask(next);",
      },
    ],
    tests: [LANE],
  },
  {
    name: "go on as somebody else",
    harm: "what was sent as one identity is sent again as another",
    edits: [
      {
        file: `${FOLDER}/request-link.ts`,
        find: "        if (own !== identity)",
        replace: '        if (own === "")',
      },
    ],
    tests: [STREAM],
  },
  {
    name: "hear the stream that was renewed",
    harm: "frames of two streams mix, and the chain breaks at each change of rooms",
    edits: [
      {
        file: `${FOLDER}/stream-transport.ts`,
        find: "      stop();\n      stop = link",
        replace: "      stop = link",
      },
    ],
    tests: [STREAM],
  },
  {
    name: "poll again at once whatever came",
    harm: "a server or proxy that answers at once is asked without a pause",
    edits: [
      {
        file: `${FOLDER}/poll-transport.ts`,
        find: "if (hasty === 0) return next();",
        replace: "if (waitS >= 0) return next();",
      },
    ],
    tests: [POLL],
  },
  {
    name: "tell each poll's start to the application",
    harm: "pages take every poll for a reconnect, and what is live for what was missed",
    edits: [{ file: "packages/client/src/cursor.ts", find: "    if (isContinued) return;\n", replace: "" }],
    tests: ["packages/client/src/cursor.test.ts"],
  },
];
