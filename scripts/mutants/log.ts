import type { Mutant } from "./mutant.ts";

const STORE = "packages/log/src/sqlite/store.ts";
const APPENDER = "packages/log/src/sqlite/appender.ts";
const WRITER = "packages/log/src/sqlite/writer.ts";
const LOG_CONTRACT = "packages/log/src/sqlite-log.contract.test.ts";
const FAULTS = "packages/log/test/faults.integration.test.ts";
const REMOTE = "packages/log/src/remote/remote-log.test.ts";
const KILLS_AT_POINTS = "apps/chat/server/test/kills-at-points.integration.test.ts";
const ACK_AFTER_DISK = "apps/chat/server/test/ack-after-disk.integration.test.ts";

/** Ways to break what the log promises. */
export const LOG_MUTANTS: readonly Mutant[] = [
  {
    name: "ack before commit",
    harm: "a crash right after an ack loses the message",
    edits: [
      {
        file: APPENDER,
        find: "  append(columns: AppendColumns): {",
        replace:
          "  append(columns: AppendColumns, decided: (results: ResultColumns, epochs: readonly string[]) => void = () => {}): {",
      },
      {
        file: APPENDER,
        find: "this.#one(append, columns.now, touched), epochs),\n      );\n      return results;",
        replace:
          "this.#one(append, columns.now, touched), epochs),\n      );\n      decided(results, epochs);\n      return results;",
      },
      {
        file: WRITER,
        find: '      this.#tell({ kind: "appended", ...opened.appender.append(columns) });',
        replace:
          '      opened.appender.append(columns, (results, epochs) => this.#tell({ kind: "appended", results, epochs }));',
      },
    ],
    tests: [ACK_AFTER_DISK, FAULTS, KILLS_AT_POINTS],
  },
  {
    name: "forget the producer's row",
    harm: "a publish that is sent again is stored again",
    edits: [
      {
        file: APPENDER,
        find: "        if (append.remember) {",
        replace: "        if (append.remember && producer !== undefined) {",
      },
    ],
    tests: [LOG_CONTRACT, "packages/server/test/publish.integration.test.ts"],
  },
  {
    name: "forget the producer's row at a restart",
    harm: "a publish whose ack was cut off by a crash is stored again",
    edits: [
      {
        file: STORE,
        find: "      for (const producer of this.#changedProducers) this.#producers.save(producer);\n",
        replace: "",
      },
    ],
    tests: [LOG_CONTRACT],
  },
  {
    name: "be silent on what a broken link lost",
    harm: "after the owner of the log was restarted, a quiet room shows never what was said meanwhile",
    edits: [
      {
        file: "packages/log/src/remote/hosted-tails.ts",
        find: "      else if (again) this.#missed.add(number);\n",
        replace: "",
      },
    ],
    tests: [REMOTE],
  },
  {
    name: "keep everything for a worker that takes nothing",
    harm: "one frozen worker makes the owner of the log grow until it dies",
    edits: [
      {
        file: "packages/log/src/remote/hosted-link.ts",
        find: "this.#sender.waitingBytes < STOP_TELLING_BYTES",
        replace: "this.#sender.waitingBytes < Infinity",
      },
    ],
    tests: [REMOTE],
  },
  {
    name: "leave pending what a broken link took",
    harm: "a publish is never answered once the owner of the log was restarted",
    edits: [
      {
        file: "packages/log/src/remote/remote-log.ts",
        find: "    this.#failAll(unavailable(LINK_BROKE));\n",
        replace: "",
      },
    ],
    tests: [REMOTE],
  },
];
