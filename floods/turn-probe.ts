import { renameSync, writeFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

/**
 * Loaded into the flooded server before its own code: notes how much of a core each turn of its event loop took,
 * and at SIGUSR2 writes the most of them since the last time, in ms, to the file that it was told. Unlike how late
 * the loop was, that does not depend on who else wants the cores.
 */
const { PARLOR_FLOODS_TURNS: file } = process.env;
if (isMainThread && file !== undefined) watch(file);

function watch(path: string): void {
  let last = process.threadCpuUsage();
  let longestMs = 0;
  const look = (): void => {
    const now = process.threadCpuUsage();
    longestMs = Math.max(longestMs, (now.user + now.system - last.user - last.system) / 1_000);
    last = now;
  };
  // A turn that takes longer than a millisecond lies between two of these.
  setInterval(look, 1).unref();
  process.on("SIGUSR2", () => {
    look();
    writeFileSync(`${path}.part`, String(longestMs));
    renameSync(`${path}.part`, path);
    longestMs = 0;
  });
}
