import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CASES, checkSecurity } from "./check-security.ts";
import { formatProblem } from "./problem.ts";
import { ScratchFolder } from "./scratch-folder.ts";

const REASON = "none: there is nothing of the kind in this server, so nothing can go wrong.";
const TEST = "packages/a/test/b.test.ts";

function page(changed: Readonly<Record<string, string | null>> = {}): string {
  const rows = CASES.flatMap((id) => {
    const cell = changed[id] === undefined ? REASON : changed[id];
    return cell === null ? [] : [`| ${id} | a case | an answer | ${cell} |`];
  });
  return ["| id | case | Parlor | tests |", "|---|---|---|---|", ...rows].join("\n");
}

function problems(
  pageText: string,
  tests = 'test("[X-1] holds (B10, O3)", f); test("none", f); // (B11)',
): string[] {
  using scratch = new ScratchFolder({ "docs/security.md": pageText, [TEST]: tests });
  return checkSecurity(scratch.root).map(formatProblem);
}

const SOUND = { B10: `\`${TEST}\``, O3: `\`${TEST}\`` };

function assertRefused(found: readonly string[], expected: RegExp): void {
  assert.equal(found.length, 1, found.join("\n"));
  assert.match(found[0] as string, expected);
}

describe("checkSecurity", () => {
  test("a page whose rows and tests name one another passes", () => {
    assert.deepEqual(problems(page(SOUND)), []);
    assert.deepEqual(problems(page(SOUND), "test(`[X-1] ${name} (B10)`, f); test('(O3)', f)"), []);
  });

  test("a page that is missing is named", () => {
    using scratch = new ScratchFolder();
    assert.deepEqual(checkSecurity(scratch.root).map(formatProblem), ["docs/security.md: is missing"]);
  });

  test("a case without a row, with two, or a row without a case is refused", () => {
    assertRefused(problems(page({ ...SOUND, B47: null })), /has no row on B47/);
    assertRefused(problems(`${page(SOUND)}\n| B1 | a | b | ${REASON} |`), /has a second row on B1/);
    assertRefused(problems(`${page(SOUND)}\n| B23 | a | b | ${REASON} |`), /row on B23, which is no case/);
  });

  test("a row whose test does not name its case, or is not there, is refused", () => {
    assertRefused(
      problems(page({ ...SOUND, B11: `\`${TEST}\`` })),
      /B11 cites .*b\.test\.ts, which has no test/,
    );
    assertRefused(problems(page({ ...SOUND, B11: "`packages/a/none.test.ts`" })), /which does not exist/);
  });

  test("a row with neither a test nor a reason is refused", () => {
    for (const cell of ["", "-", "n/a", "none", "none: no", "`packages/a/src/b.ts`"]) {
      assertRefused(problems(page({ ...SOUND, O5: cell })), /O5 names no test, and no reason/);
    }
  });

  test("a test that names a case and stands in no row of it is refused", () => {
    assertRefused(problems(page({ B10: SOUND.B10 })), /b\.test\.ts: has a test that names \(O3\)/);
  });
});
