import { ALL_CASES } from "../cases/all.ts";
import { runCases, type SuiteQuestion } from "./suite-case.ts";
import { subjectCalled } from "./subjects.ts";

globalThis.onmessage = async ({ data }: MessageEvent<SuiteQuestion>): Promise<void> => {
  const cases = ALL_CASES.filter(({ only }) => only !== "window");
  globalThis.postMessage(await runCases(data, (origins) => subjectCalled(data.subject, origins), cases));
};
