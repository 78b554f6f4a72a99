import { ALL_CASES } from "../cases/all.ts";
import { type CaseResult, runCases, type SuiteQuestion } from "./suite-case.ts";
import { subjectCalled } from "./subjects.ts";

declare global {
  /** For who drives the page. */
  var runSuite: (question: SuiteQuestion) => Promise<{ window: CaseResult[]; worker: CaseResult[] }>;
}

globalThis.runSuite = async (question) => {
  const inWindow = await runCases(
    question,
    (origins) => subjectCalled(question.subject, origins),
    ALL_CASES.filter(({ only }) => only !== "worker"),
  );
  return { window: inWindow, worker: await runInWorker(question) };
};

async function runInWorker(question: SuiteQuestion): Promise<CaseResult[]> {
  const worker = new Worker("/worker.js", { type: "module" });
  const results = new Promise<CaseResult[]>((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data as CaseResult[]);
    // One that throws in the middle is judged by what its cases saw; one that can't be loaded has no words.
    worker.onerror = ({ message }) => {
      if (message === undefined || message === "") reject(new Error("the worker could not be loaded"));
    };
  });
  worker.postMessage(question);
  const all = await results;
  worker.terminate();
  return all;
}
