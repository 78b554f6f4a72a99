import type { Mutant } from "./mutant.ts";

const FOLD_TEST = "packages/nats/src/pending-copy.test.ts";
const FILE_TEST = "packages/log/src/sqlite/copy-target.test.ts";
const AGAIN_TEST = "packages/log/src/sqlite/copy-again.contract.test.ts";

/** Ways to break the copying of rooms from one log to another. */
export const COPY_MUTANTS: readonly Mutant[] = [
  {
    name: "copy over a room that holds something",
    harm: "what was published while a room was copied is gone",
    edits: [
      {
        file: "packages/nats/src/room-fold.ts",
        find: "head === 0 && continues(",
        replace: "continues(",
      },
    ],
    tests: [FOLD_TEST],
  },
  {
    name: "forget what a copied room remembers of producers",
    harm: "what is sent again after the move is stored twice",
    edits: [
      {
        file: "packages/log/src/sqlite/copied-rows.ts",
        find: "for (const { from, producer, seq, offset, usedAt } of room.producers) {",
        replace: "for (const { from, producer, seq, offset, usedAt } of room.producers.slice(0, 0)) {",
      },
    ],
    tests: [FILE_TEST],
  },
  {
    name: "serve a log into which a copy has not ended",
    harm: "people find rooms missing, and write to them",
    edits: [
      {
        file: "packages/log/src/sqlite/writer.ts",
        find: "      requireWhole(db, request.file);\n",
        replace: "",
      },
    ],
    tests: [FILE_TEST],
  },
  {
    name: "answer with the file's epoch for a room that has another",
    harm: "a client that publishes in a copied room is told of a history that is none",
    edits: [
      {
        file: "packages/log/src/sqlite/append-columns.ts",
        find: "  if (epoch === null) return generation;",
        replace: "  if (generation >= 0) return generation;",
      },
    ],
    tests: [FILE_TEST],
  },
  {
    name: "restore a copied room under its old epoch",
    harm: "who had a cursor skips what was said after the backup without knowing it",
    edits: [
      {
        file: "packages/log/src/sqlite/backup.ts",
        find: "UPDATE rooms SET epoch = NULL WHERE epoch IS NOT NULL; COMMIT",
        replace: "COMMIT",
      },
    ],
    tests: [FILE_TEST],
  },
  {
    name: "add to a room without looking whether it is the source's",
    harm: "what was said on one side stands under offsets that mean other words on the other",
    edits: [
      {
        file: "packages/log/src/copy/find-lack.ts",
        find: "if (other === null || !isSame(message, other))",
        replace: "if (other === null)",
      },
    ],
    tests: [AGAIN_TEST],
  },
  {
    name: "keep in a copy what was erased in the source since",
    harm: "somebody's words are there again after the move",
    edits: [
      {
        file: "packages/log/src/copy/find-lack.ts",
        find: "if (message.bodyJson === null && other.bodyJson !== null) erased.push(message.offset);",
        replace: "",
      },
    ],
    tests: [AGAIN_TEST],
  },
  {
    name: "delete a copied room that was written to since",
    harm: "what was said on the copy is gone",
    edits: [
      {
        file: "packages/log/src/copy/plan-copy.ts",
        find: "apart > 0 && copy.copiedHead === copy.head",
        replace: "apart > 0",
      },
    ],
    tests: [AGAIN_TEST],
  },
  {
    name: "delete files in a copy that messages there hold",
    harm: "a file that was uploaded since an earlier copy is gone, and its message shows none",
    edits: [
      {
        file: "packages/server/src/files/move-files.ts",
        find: " || (await isHeld(use))) continue;",
        replace: ") continue;",
      },
    ],
    tests: ["packages/server/src/files/move-files.test.ts"],
  },
  {
    name: "take what was written on a copy for copied",
    harm: "a room that the source has deleted is deleted in the copy, with what was said there since",
    edits: [
      {
        file: "packages/nats/src/room-fold.ts",
        find: "if (record.copy?.end?.head === this.#index.head) this",
        replace: "if (record.copy?.end !== undefined) this",
      },
    ],
    tests: [FOLD_TEST],
  },
];
