import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import programs from "../programs.json" with { type: "json" };

/** Those of `programs.json`. Listed, for a declaration that imports JSON binds whoever reads it. */
export type ProgramName =
  | "chromium"
  | "firefox-esr"
  | "strace"
  | "nginx"
  | "haproxy"
  | "openssl"
  | "faketime"
  | "nats-server";

/**
 * Where a program that tests start is: what its variable says (PARLOR_CHROMIUM, PARLOR_STRACE), else in the
 * PATH, else where it is usual. `npm test` has seen to it that there is one.
 */
export function findProgram(name: ProgramName): string {
  const { environment, names, paths, install } = programs[name];
  const given = process.env[environment];
  if (given !== undefined && given !== "") return given;
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const candidates = names.flatMap((each) => folders.map((folder) => join(folder, each)));
  const found = [...candidates, ...paths].find(isExecutable);
  if (found === undefined) throw new Error(`${name} is not here: ${install}`);
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
