import { sourceFiles } from "./source-files.ts";

/** Tests that run together, in one way. */
export interface TestArea {
  readonly name: string;
  readonly files: readonly string[];
  /** Whose lanes its files run in. Areas that follow one another in the same ones begin before the last has ended. */
  readonly lanes: LanesName;
  /** How many of its files run in one process, one after the other. */
  readonly filesTogether: number;
  /** How long one process of them may take before it counts as failed. */
  readonly fileTimeoutMs: number;
  /** Whether it runs beside the areas after it, on what they leave of the cores. */
  readonly isBeside: boolean;
}

/** How many files run at once: one where tests measure time or load the machine. */
export const LANES = { units: 2, waiting: 4, alone: 1, beside: 1 } as const;
export type LanesName = keyof typeof LANES;

interface AreaRule {
  readonly name: string;
  readonly owns: (path: string) => boolean;
  readonly lanes: LanesName;
  readonly fileTimeoutMs: number;
  /** @default 1 */
  readonly filesTogether?: number;
}

const isUnit = (path: string): boolean =>
  path.endsWith(".test.ts") && !/\.(integration|long)\.test\.ts$/.test(path);
const unitsIn =
  (folder: string) =>
  (path: string): boolean =>
    path.startsWith(`${folder}/`) && isUnit(path);

const UNIT = { lanes: "units", fileTimeoutMs: 180_000 } as const;
/** Where to load what is tested takes longer than most of the tests, and they change nothing that others see. */
const UNITS_TOGETHER = { ...UNIT, filesTogether: 12, fileTimeoutMs: 600_000 } as const;
/** Real sockets, browsers, and processes that mostly wait for one another. */
const WAITING = { lanes: "waiting", fileTimeoutMs: 600_000 } as const;
/** Three files share one browser: to start it, and the process, costs as much as a short file's tests. */
const PAGES = { ...WAITING, filesTogether: 3 } as const;
/** What loads all cores on purpose, and judges a system under it. */
const ALONE = { lanes: "alone", fileTimeoutMs: 300_000 } as const;
/** All cores for minutes, and no clock but its own: it gets what those that wait leave. */
const BESIDE = { lanes: "beside", fileTimeoutMs: 3_000_000 } as const;
const isLoad = (path: string): boolean => path.startsWith("floods/");
const isSystem = (path: string): boolean => !/^(packages|simulation|floods)\//.test(path);
const isIntegration = (path: string): boolean => path.endsWith(".integration.test.ts");

/**
 * Files that take some twenty seconds and more. They begin first, so that none of them is left over at the end,
 * when nothing else is there to run beside it.
 */
export const LONGEST: readonly string[] = [
  "packages/server/test/through-the-balancer.integration.test.ts",
  "packages/client/test/cut-and-gathered.integration.test.ts",
  "packages/server/test/slow.integration.test.ts",
  "packages/server/test/abuse/fuzz.integration.test.ts",
  "packages/log/test/power-cuts.integration.test.ts",
  "packages/client/test/room-presence.integration.test.ts",
  "packages/testkit/test/readme.integration.test.ts",
  "torture/torture.integration.test.ts",
  "apps/chat/server/test/kills-at-points.integration.test.ts",
  "apps/chat/server/test/stalled-readers.integration.test.ts",
  "apps/chat/server/test/sigkill.integration.test.ts",
  "apps/chat/server/test/workers.integration.test.ts",
  "apps/chat/server/test/workers-and-clients.integration.test.ts",
  "scripts/packages/test/installed.integration.test.ts",
  "apps/chat/e2e/changing-roads.e2e.ts",
  "apps/chat/e2e/through-proxies.e2e.ts",
  "apps/chat/e2e/game.e2e.ts",
  "apps/chat/e2e/through-real-proxies.e2e.ts",
  "apps/chat/e2e/no-javascript.e2e.ts",
  "apps/chat/e2e/tutorial.e2e.ts",
  "apps/chat/e2e/first-visit.e2e.ts",
  "apps/chat/e2e/two-people-talk.e2e.ts",
  "apps/chat/e2e/history.e2e.ts",
  "apps/chat/e2e/looks.e2e.ts",
  "apps/chat/e2e/messages.e2e.ts",
];

/** From the bottom up: what the others stand on fails first. */
const RULES: readonly AreaRule[] = [
  { name: "base", owns: unitsIn("packages/base"), ...UNIT },
  {
    name: "protocol",
    owns: (path) => isUnit(path) && /^packages\/(protocol|msgpack|contract)\//.test(path),
    ...UNITS_TOGETHER,
  },
  { name: "testkit", owns: unitsIn("packages/testkit"), ...UNITS_TOGETHER },
  { name: "scripts", owns: unitsIn("scripts"), ...UNIT },
  { name: "log", owns: unitsIn("packages/log"), ...UNIT },
  {
    name: "server",
    owns: (path) => isUnit(path) && /^packages\/(server|moderation)\//.test(path),
    ...UNITS_TOGETHER,
  },
  { name: "client", owns: unitsIn("packages/client"), ...UNITS_TOGETHER },
  {
    name: "apps",
    owns: (path) => /^(apps|examples|bench|torture|floods|simulation)\//.test(path) && isUnit(path),
    ...UNITS_TOGETHER,
  },
  { name: "load", owns: (path) => isLoad(path) && isIntegration(path), ...ALONE },
  { name: "simulation", owns: (path) => path.startsWith("simulation/") && isIntegration(path), ...BESIDE },
  // Each of its files starts a NATS server.
  { name: "nats", owns: unitsIn("packages/nats"), ...WAITING },
  { name: "network", owns: (path) => path.startsWith("packages/") && isIntegration(path), ...WAITING },
  { name: "system", owns: (path) => isSystem(path) && isIntegration(path), ...WAITING },
  { name: "e2e", owns: (path) => path.endsWith(".e2e.ts"), ...PAGES },
];

const LONG: AreaRule = {
  name: "long",
  owns: (path) => path.endsWith(".long.test.ts"),
  lanes: "alone",
  fileTimeoutMs: 3_600_000,
};

export interface Selection {
  /** Adds the tests that take many minutes. */
  readonly long: boolean;
  /** An area's name, or a path that test files begin with; null for all. */
  readonly only: string | null;
}

/**
 * The areas to run, in order. An area with no file is given too: that a kind of test is gone is a failure,
 * not a success. A test that no area owns is an error, for it would never run.
 */
export function testAreas(root: string, selection: Selection): TestArea[] {
  const files = sourceFiles(root, [".test.ts", ".test.tsx", ".e2e.ts"]);
  const rules = [...RULES, LONG];
  for (const path of files) {
    if (!rules.some((rule) => rule.owns(path)))
      throw new Error(`${path} belongs to no area of scripts/test-areas.ts`);
  }
  const asked = selection.only === LONG.name || selection.long ? rules : RULES;
  const only = selection.only;
  if (only === null || asked.some((rule) => rule.name === only)) {
    return asked.filter((rule) => only === null || rule.name === only).map((rule) => area(rule, files));
  }
  const chosen = files.filter((path) => path.startsWith(only.replace(/^\.\//, "")));
  return rules.map((rule) => area(rule, chosen)).filter((each) => each.files.length > 0);
}

function area(rule: AreaRule, files: readonly string[]): TestArea {
  const { name, lanes, fileTimeoutMs, filesTogether = 1 } = rule;
  const own = files.filter(rule.owns);
  const first = LONGEST.filter((path) => own.includes(path));
  const others = own.filter((path) => !LONGEST.includes(path));
  const isBeside = lanes === "beside";
  return { name, lanes, fileTimeoutMs, filesTogether, isBeside, files: [...first, ...others] };
}
