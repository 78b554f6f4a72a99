import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { SetupError } from "./setup-error.mjs";
import { withLock } from "./lock.mjs";
import { arePackagesFresh, installPackages } from "./packages.mjs";
import { buildPage, isPageFresh } from "./page.mjs";
import { installProgram, isProgramThere } from "./programs.mjs";
import { exitWithParent } from "./run-child.mjs";

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What each command needs, in the order in which it is set up. */
const PACKAGES = { isFresh: arePackagesFresh, make: installPackages };
const PAGE = { isFresh: isPageFresh, make: buildPage };
const program = (name) => ({
  isFresh: (root) => isProgramThere(root, name),
  make: (root, say) => installProgram(root, name, say),
});
const PROGRAMS = [
  "chromium",
  "firefox-esr",
  "strace",
  "nginx",
  "haproxy",
  "openssl",
  "faketime",
  "nats-server",
].map(program);
const NEEDS = {
  start: [PACKAGES, PAGE],
  test: [PACKAGES, ...PROGRAMS, PAGE],
  check: [PACKAGES],
  bench: [PACKAGES, PAGE],
  floods: [PACKAGES, PAGE],
  torture: [PACKAGES, program("strace"), program("faketime"), PAGE],
};

/** Returns the exit code; what went wrong is said in words before. */
export async function setUp(command, root = ROOT) {
  if (!Object.hasOwn(NEEDS, command ?? "")) {
    console.error(`usage: node scripts/setup.mjs ${Object.keys(NEEDS).join("|")}`);
    return 2;
  }
  const needs = NEEDS[command];
  try {
    if (needs.every((need) => need.isFresh(root))) return 0;
    exitWithParent();
    // Asked again under the lock: another set-up may just have done it.
    await withLock(join(root, ".build", "setup.lock"), say, async () => {
      for (const need of needs) {
        if (!need.isFresh(root)) await need.make(root, say);
      }
    });
    return 0;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`setup: ${error.message}`);
    return 1;
  }
}

function say(line) {
  console.log(`setup: ${line}`);
}
