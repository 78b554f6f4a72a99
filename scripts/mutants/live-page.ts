import type { Mutant } from "./mutant.ts";

const PAGE = "apps/chat/server/test/live-page.integration.test.ts";
const LIMITS = "apps/chat/server/test/live-limits.integration.test.ts";

/** Ways to break the page without a script. */
export const LIVE_PAGE_MUTANTS: readonly Mutant[] = [
  {
    name: "take a form from any page",
    harm: "every site that a visitor opens can write in the rooms, in their name",
    edits: [
      {
        file: "packages/server/src/visit.ts",
        find: 'if (fault !== null) return this.#refuseForm({ code: "origin-not-allowed", message: fault });',
        replace: "void fault;",
      },
    ],
    tests: [LIMITS],
  },
  {
    name: "believe Sec-Fetch-Site under any name",
    harm: "a page whose name was made to lead here writes as if it were this server's own",
    edits: [
      {
        file: "packages/server/src/transport/origin.ts",
        find: "return isOwnHost(question.host, question.allowed)\n",
        replace: "return question.allowed.length >= 0\n",
      },
    ],
    tests: [LIMITS],
  },
  {
    name: "let the form alone stand for the publish",
    harm: "who goes back and writes something else has it taken for what is stored, and loses it",
    edits: [
      {
        file: "apps/chat/server/live/live-post.ts",
        find: "once: `${form.once}\\n${form.text}`",
        replace: "once: form.once",
      },
    ],
    tests: [PAGE],
  },
  {
    name: "show a name as it was written",
    harm: "a stranger's name becomes markup in everybody's page",
    edits: [
      {
        file: "apps/chat/server/live/live-rows.ts",
        find: "<bdi>${htmlText(name)}</bdi> <small>",
        replace: "<bdi>${name}</bdi> <small>",
      },
    ],
    tests: [PAGE],
  },
  {
    name: "forget how far a feed has come",
    harm: "at a drain the page's last link shows again what was read, from where it began",
    edits: [
      {
        file: "packages/server/src/transport/room-feed.ts",
        find: "    this.#reached = { epoch: batch.epoch, offset: batch.last };\n",
        replace: "",
      },
    ],
    tests: [LIMITS],
  },
];
