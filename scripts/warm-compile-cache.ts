import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where the processes of tests keep what they compiled. */
export function compileCacheOf(root: string): string {
  return join(root, ".build", "compile-cache");
}

/** One that neither serves nor ends within this is killed; whoever starts the command then says why. */
const PATIENCE_MS = 60_000;

/** The ways of starting the command that load different modules. */
const WAYS: readonly (readonly string[])[] = [[], ["--workers", "2"]];

/**
 * Starts the command in each of its ways and ends it in order, so that its modules are in the cache. A process that is
 * killed writes nothing of what it compiled, and tests kill nearly all that they start: each of those hundreds would
 * strip and compile the same modules again, which is a third of what its start costs.
 */
export async function warmCompileCache(
  root: string,
  cache = compileCacheOf(root),
  command = join(root, "apps/chat/server/main.ts"),
): Promise<void> {
  await Promise.all(WAYS.map((flags) => startOnce(root, cache, [command, ...flags])));
}

async function startOnce(root: string, cache: string, words: readonly string[]): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), "parlor-warm-"));
  const child = spawn(process.execPath, [...words, "--port", "0", "--data", data], {
    cwd: root,
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  let said = "";
  let isServing = false;
  child.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString();
    const url = / serves (http:\S+)/.exec(said)?.[1];
    if (url === undefined || isServing) return;
    isServing = true;
    // The first request loads what only requests need.
    const end = (): void => void child.kill("SIGTERM");
    void fetch(url, { headers: { connection: "close" } })
      .then((response) => response.arrayBuffer())
      // What is wrong with the answer a test says.
      .then(end, end);
  });
  await new Promise((resolve) => child.on("close", resolve));
  clearTimeout(timer);
  rmSync(data, { recursive: true, force: true });
}
