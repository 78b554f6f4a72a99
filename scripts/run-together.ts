/**
 * Loads the test files that its arguments name into one process, one after the other, for scripts/run-test-file.ts:
 * `node scripts/run-together.ts FILE…`. Before the tests of each there is one that only says which file they are of.
 * (`node --test --test-isolation=none` would pass over a file that throws behind its first test, and one without any.)
 */
import { test } from "node:test";
import { pathToFileURL } from "node:url";

/** What the test that stands before those of a file is called. */
export const FILE_MARK = "tests of ";

if (import.meta.main) {
  for (const path of process.argv.slice(2)) {
    void test(`${FILE_MARK}${path}`);
    try {
      await import(pathToFileURL(path).href);
    } catch (error) {
      void test("loads", () => {
        throw error;
      });
    }
  }
}
