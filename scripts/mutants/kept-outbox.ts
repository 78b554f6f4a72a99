import type { Mutant } from "./mutant.ts";

const KEPT = "packages/client/src/kept-outbox";
const MAIN = `${KEPT}/kept-outbox.test.ts`;
const BOUNDS = `${KEPT}/kept-outbox-bounds.test.ts`;
const PROPERTY = `${KEPT}/kept-outbox.property.test.ts`;

/** What is kept of an outbox on disk, broken rule by rule. */
export const KEPT_OUTBOX_MUTANTS: readonly Mutant[] = [
  {
    name: "outbox: send what is not on disk yet",
    harm: "a page that dies at once leaves nothing of what it sent, and what it wrote is lost",
    edits: [
      {
        file: `${KEPT}/kept-outbox.ts`,
        find: "    item.isHeld = true;\n    this.#writer?.put(record, (fault) => {",
        replace: "    this.#writer?.put(record, (fault) => {",
      },
    ],
    tests: [MAIN],
  },
  {
    name: "outbox: keep no position with a publish",
    harm: "what may be stored is looked for in the whole room, or not found",
    edits: [
      {
        file: `${KEPT}/kept-outbox.ts`,
        find: "      sentBehind: item.sentBehind,\n",
        replace: "      sentBehind: null,\n",
      },
    ],
    tests: [MAIN],
  },
  {
    name: "outbox: leave on disk what was acked",
    harm: "the next page sends again what is stored",
    edits: [
      {
        file: `${KEPT}/kept-outbox.ts`,
        find: "    if (refusal === undefined) return this.#writer?.remove(record);",
        replace: "    if (refusal === undefined) return;",
      },
    ],
    tests: [MAIN],
  },
  {
    name: "outbox: send a dead page's publishes as one's own producer",
    harm: "what the dead page had stored is stored twice",
    edits: [{ file: `${KEPT}/takeover.ts`, find: "    core.producer = producer;\n", replace: "" }],
    tests: [MAIN, PROPERTY],
  },
  {
    name: "outbox: let new publishes go before what a dead page left",
    harm: "what was written later is read first",
    edits: [
      {
        file: `${KEPT}/takeover.ts`,
        find: "    this.#speakAs(legacy.producer);\n    core.connection.want();",
        replace: "    core.connection.want();",
      },
    ],
    tests: [MAIN, PROPERTY],
  },
  {
    name: "outbox: take a week-old sending for a new one",
    harm: "a server that forgot the producer stores it twice",
    edits: [
      {
        file: `${KEPT}/takeover.ts`,
        find: "options.clock.now() - record.writtenAt > OLD_AFTER_MS",
        replace: "false",
      },
    ],
    tests: [MAIN],
  },
  {
    name: "outbox: forget what was refused",
    harm: "the next page shows nothing of what its author has to know",
    edits: [
      {
        file: `${KEPT}/kept-outbox.ts`,
        find: "    this.#writer?.put(record, done);\n    this.#refused",
        replace: "    done();\n    this.#refused",
      },
    ],
    tests: [MAIN],
  },
  {
    name: "outbox: leave on disk what was dismissed",
    harm: "it is told again at each visit",
    edits: [
      {
        file: `${KEPT}/kept-outbox.ts`,
        find: "    this.#refused.delete(nameOf(room, id));\n    this.#writer?.remove(record);\n  }\n\n  #nextId",
        replace: "    this.#refused.delete(nameOf(room, id));\n  }\n\n  #nextId",
      },
    ],
    tests: [MAIN],
  },
  {
    name: "outbox: let go at once of what is behind a refused publish",
    harm: "a page that dies then leaves one that is jumped over and never sent",
    edits: [
      {
        file: `${KEPT}/kept-outbox.ts`,
        find: "    for (const each of behind) each.isHeld = true;\n",
        replace: "",
      },
    ],
    tests: [MAIN],
  },
  {
    name: "outbox: take what another person left for one's own",
    harm: "a stranger at the same browser sends it",
    edits: [
      {
        file: `${KEPT}/takeover.ts`,
        find: "    if (!this.#areFor(legacy.records)) return this.#host.onDone(legacy, false);\n",
        replace: "",
      },
    ],
    tests: [BOUNDS],
  },
  {
    name: "outbox: show what was left before anybody is known to be here",
    harm: "a stranger reads it",
    edits: [
      {
        file: `${KEPT}/takeover.ts`,
        find: "!this.#host.isStrict || core.identity !== null",
        replace: "true",
      },
    ],
    tests: [BOUNDS],
  },
  {
    name: "outbox: keep one scope for all keys",
    harm: "whoever comes to the browser finds what others wrote",
    edits: [
      {
        file: `${KEPT}/start.ts`,
        find: "${server} ${owner ?? shortHash(shell.options.key())}",
        replace: '${server} ${owner ?? ""}',
      },
    ],
    tests: [BOUNDS],
  },
  {
    name: "outbox: wait for ever for a disk that does not answer",
    harm: "nothing goes out",
    edits: [
      {
        file: `${KEPT}/record-writer.ts`,
        find: "const PATIENCE_MS = 3_000;",
        replace: "const PATIENCE_MS = 3_000_000_000;",
      },
    ],
    tests: [BOUNDS],
  },
  {
    name: "outbox: say nothing of a disk that failed",
    harm: "nobody knows that a reload would lose what waits",
    edits: [
      {
        file: `${KEPT}/kept-outbox.ts`,
        find: "      else this.#unkept.set(item, fault);",
        replace: "      else this.#unkept.delete(item);",
      },
    ],
    tests: [BOUNDS],
  },
  {
    name: "outbox: send what is a year old",
    harm: "somebody's words of last year appear in a room",
    edits: [
      {
        file: `${KEPT}/kept-outbox.ts`,
        find: "record.refusal !== null || nowMs - record.writtenAt > MAX_AGE_MS",
        replace: "record.refusal !== null",
      },
    ],
    tests: [BOUNDS],
  },
  {
    name: "outbox: keep any number of publishes",
    harm: "the disk of a browser fills without a bound",
    edits: [{ file: `${KEPT}/record-writer.ts`, find: "this.#count >= limits.maxCount || ", replace: "" }],
    tests: [BOUNDS],
  },
  {
    name: "outbox: keep any number of bytes",
    harm: "the disk of a browser fills without a bound",
    edits: [
      {
        file: `${KEPT}/record-writer.ts`,
        find: "(this.#count >= limits.maxCount || this.#bytes + record.bytes > limits.maxBytes)",
        replace: "this.#count >= limits.maxCount",
      },
    ],
    tests: [BOUNDS],
  },
  {
    name: "outbox: leave on disk what a closed client wrote",
    harm: "another page sends what its author was told is not stored",
    edits: [
      {
        file: `${KEPT}/kept-outbox.ts`,
        find: "      if (item.earlier === undefined) this.#writer?.remove(record);\n",
        replace: "",
      },
    ],
    tests: [BOUNDS],
  },
  {
    name: "outbox: throw away what was taken over when the client is closed",
    harm: "what a dead page wrote is lost",
    edits: [
      {
        file: `${KEPT}/kept-outbox.ts`,
        find: "      if (item.earlier === undefined) this.#writer?.remove(record);",
        replace: "      this.#writer?.remove(record);",
      },
    ],
    tests: [BOUNDS],
  },
];
