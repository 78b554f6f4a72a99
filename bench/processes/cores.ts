import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

/** A core by its number: the server has one to itself, and the load the other. */
export type Core = 0 | 1;

export const SERVER_CORE: Core = 0;
export const LOAD_CORE: Core = 1;

/** Whether processes can be kept to one core each. Without it they still run, and may wander. */
export const canPin = availableParallelism() >= 2 && spawnSync("taskset", ["-c", "0,1", "true"]).status === 0;

/** How to start Node on a core: the command, and the words that come before Node's own options. */
export function pinned(core: Core | null): { readonly command: string; readonly before: readonly string[] } {
  if (core === null || !canPin) return { command: process.execPath, before: [] };
  return { command: "taskset", before: ["-c", String(core), process.execPath] };
}
