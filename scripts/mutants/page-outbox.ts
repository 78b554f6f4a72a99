import type { Mutant } from "./mutant.ts";

const WEB = "apps/chat/web";
const KEPT = "packages/client/src/kept-outbox";
const TESTS = ["apps/chat/e2e/outbox.e2e.ts"];

/** What the chat's page makes of an outbox on disk, broken as a person would see it. */
export const PAGE_OUTBOX_MUTANTS: readonly Mutant[] = [
  {
    name: "page outbox: keep nothing of it on disk",
    harm: "a reload loses what was not sent yet",
    edits: [
      {
        file: `${WEB}/model/app-model.ts`,
        find: "      profile: { name: this.name },\n",
        replace: "      profile: { name: this.name },\n      keepOutbox: false,\n",
      },
    ],
    tests: TESTS,
  },
  {
    name: "page outbox: leave to nobody what a dead page wrote",
    harm: "it lies on the disk for ever",
    edits: [{ file: `${KEPT}/start.ts`, find: "  freed.begin();\n", replace: "" }],
    tests: TESTS,
  },
  {
    name: "page outbox: show nothing of what waits of a dead page",
    harm: "its author believes it lost, and writes it again",
    edits: [
      {
        file: `${WEB}/model/room-model.ts`,
        find: "[...(this.#earlierPart?.shownEarlier(earlier) ?? []), ...shownEchoes(this.#echoes.value)]",
        replace: "[...(earlier.open.length < 0 ? [] : []), ...shownEchoes(this.#echoes.value)]",
      },
    ],
    tests: TESTS,
  },
  {
    name: "page outbox: send what a dead page wrote from its end",
    harm: "its author's words stand in another order than they were written",
    edits: [
      {
        file: `${KEPT}/takeover.ts`,
        find: "const items = records.map((record) => {",
        replace: "const items = records.toReversed().map((record) => {",
      },
    ],
    tests: TESTS,
  },
  {
    name: "page outbox: leave on disk what the server has",
    harm: "each page that opens sends it again",
    edits: [
      {
        file: `${KEPT}/kept-outbox.ts`,
        find: "    if (refusal === undefined) return this.#writer?.remove(record);",
        replace: "    if (refusal === undefined) return;",
      },
    ],
    tests: TESTS,
  },
  {
    name: "page outbox: call not sent what may have been sent",
    harm: "its author sends again what all have read",
    edits: [
      {
        file: `${WEB}/view/echo-words.tsx`,
        find: 'mayBeSent ? "May have been sent" : "Not sent"',
        replace: 'mayBeSent ? "Not sent" : "Not sent"',
      },
    ],
    tests: TESTS,
  },
  {
    name: "page outbox: try again what may have been sent only by taking it away",
    harm: "what its author wanted in the room is nowhere",
    edits: [
      {
        file: `${WEB}/model/room-model.ts`,
        find: "    if (echo.re === undefined) this.send(echo.body as ChatBody);\n    else ",
        replace: "    if (echo.re !== undefined) ",
      },
    ],
    tests: TESTS,
  },
  {
    name: "page outbox: discard it in this page alone",
    harm: "it is told again at each visit",
    edits: [
      {
        file: `${WEB}/model/room-model.ts`,
        find: "if (refusedId(id) === echoId) this.#room.dismiss(id);",
        replace: "if (refusedId(id) === echoId) continue;",
      },
    ],
    tests: TESTS,
  },
  {
    name: "page outbox: say nothing where only the tab has it",
    harm: "its author closes the tab, and loses it",
    edits: [
      {
        file: `${WEB}/view/connection-notice.tsx`,
        find: "unkept === null || waiting === 0 ?",
        replace: "unkept === null || waiting >= 0 ?",
      },
    ],
    tests: TESTS,
  },
];
