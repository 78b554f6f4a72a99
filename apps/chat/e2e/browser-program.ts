import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/** What set-up looks for, so that the tests start what it found. */
const PROGRAMS = join(import.meta.dirname, "../../../packages/testkit/programs.json");

interface Program {
  readonly environment: string;
  readonly names: readonly string[];
  readonly paths: readonly string[];
  readonly install: string;
}

/** The path of a Chromium or Chrome: what PARLOR_CHROMIUM names, or the first that is there. */
export function browserProgram(): string {
  const { chromium } = JSON.parse(readFileSync(PROGRAMS, "utf8")) as { readonly chromium: Program };
  const named = process.env[chromium.environment];
  if (named !== undefined && named !== "") return named;
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const inPath = chromium.names.flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = [...inPath, ...chromium.paths].find(isExecutable);
  if (found === undefined) throw new Error(`The browser tests need a browser: ${chromium.install}`);
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
