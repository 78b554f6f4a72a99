import { renameSync, writeFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

/**
 * Loaded into the flooded server before its own code: notes how much of a core each turn of its event loop took.
 * At SIGUSR2 it writes the longest of them since the last time and the share of a core that all of them took to the
 * file that it was told. Unlike how late the loop was, neither depends on who else wants the cores.
 */
const { PARLOR_FLOODS_TURNS: file } = process.env;
if (isMainThread && file !== undefined) watch(file);

function watch(path: string): void {
  let last = process.threadCpuUsage();
  let longestMs = 0;
  let begun = { atMs: performance.now(), cpu: last };
  const look = (): void => {
    const now = process.threadCpuUsage();
    longestMs = Math.max(longestMs, (now.user + now.system - last.user - last.system) / 1_000);
    last = now;
  };
  // A turn that takes longer than a millisecond lies between two of these.
  setInterval(look, 1).unref();
  process.on("SIGUSR2", () => {
    look();
    const atMs = performance.now();
    const cpuMs = (last.user + last.system - begun.cpu.user - begun.cpu.system) / 1_000;
    writeFileSync(`${path}.part`, JSON.stringify({ longestMs, share: cpuMs / (atMs - begun.atMs) }));
    renameSync(`${path}.part`, path);
    longestMs = 0;
    begun = { atMs, cpu: last };
  });
}
