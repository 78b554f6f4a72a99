import { spawn } from "node:child_process";

/** The children that run now, so that none of them outlives this process. */
const children = new Set();

/**
 * Runs a program without input and resolves with its exit code (null where a signal ended it) and all
 * that it printed.
 */
export function runChild(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    children.add(child);
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.on("error", (error) => {
      children.delete(child);
      resolve({ exitCode: 127, output: `${output}${error.message}\n` });
    });
    child.on("close", (exitCode) => {
      children.delete(child);
      resolve({ exitCode, output });
    });
  });
}

/**
 * Ends this process, and what it started, when its parent ends or a signal asks for it. npm passes
 * SIGTERM on to the shell alone, and the set-up would go on behind it.
 */
export function exitWithParent() {
  const parent = process.ppid;
  const end = (exitCode) => {
    for (const child of children) child.kill("SIGTERM");
    process.exit(exitCode);
  };
  const timer = setInterval(() => {
    if (process.ppid !== parent) end(143);
  }, 250);
  timer.unref();
  process.once("SIGINT", () => end(130));
  process.once("SIGTERM", () => end(143));
}
