import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { runChild } from "./run-child.mjs";
import { SetupError } from "./setup-error.mjs";
import { withoutServices } from "./without-services.mjs";

/** Whether a program that the tests start is there: named by its variable, in the PATH, or where it is usual. */
export function isProgramThere(root, name) {
  const program = programOf(root, name);
  const given = process.env[program.environment];
  if (given !== undefined && given !== "") {
    if (isExecutable(given)) return true;
    throw new SetupError(`${program.environment} says ${given}, and there is no program there`);
  }
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const candidates = program.names.flatMap((each) => folders.map((folder) => join(folder, each)));
  return [...candidates, ...program.paths].some(isExecutable);
}

/** Installs it by apt where that can work, as root on Debian; else fails with what a person can do. */
export async function installProgram(root, name, say) {
  const program = programOf(root, name);
  const fail = (reason) => {
    throw new SetupError(`${program.purpose} need ${name}, and ${reason}: ${program.install}`);
  };
  if (!isDebian() || process.getuid?.() !== 0) fail("it is not here");
  say(`installing ${name} for ${program.purpose} (apt-get install ${program.debianPackage})`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = ["install", "-y", "--no-install-recommends", program.debianPackage];
  for (const args of [["update"], install]) {
    const { exitCode, output } = await withoutServices(() => runChild("apt-get", args, { env }));
    if (exitCode === 0) continue;
    process.stderr.write(output);
    fail("apt-get failed, as printed above");
  }
  if (!isProgramThere(root, name)) fail("apt-get did not bring it");
}

function programOf(root, name) {
  return JSON.parse(readFileSync(join(root, "packages", "testkit", "programs.json"), "utf8"))[name];
}

function isDebian() {
  return existsSync("/etc/os-release") && /^ID=debian$/m.test(readFileSync("/etc/os-release", "utf8"));
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
