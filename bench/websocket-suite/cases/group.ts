import type { SuiteCase } from "../page/suite-case.ts";

type Run = SuiteCase["run"];

/** Cases of one group, by their sentences. */
export function group(
  name: string,
  cases: Readonly<Record<string, Run>>,
  only?: SuiteCase["only"],
): SuiteCase[] {
  return Object.entries(cases).map(([sentence, run]) => ({
    group: name,
    name: sentence,
    run,
    ...(only === undefined ? {} : { only }),
  }));
}

/** One case for each of a list, named after it. */
export function each<Item>(
  items: readonly Item[],
  sentence: (item: Item) => string,
  run: (item: Item) => Run,
): Record<string, Run> {
  return Object.fromEntries(items.map((item) => [sentence(item), run(item)]));
}
