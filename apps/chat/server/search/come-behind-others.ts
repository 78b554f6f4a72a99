import { readlinkSync } from "node:fs";
import { constants, setPriority } from "node:os";

/**
 * Gives the thread that calls it a lower priority than all others have: it works where a core has nothing else to do.
 * Elsewhere than on Linux, where threads have none of their own, nothing changes.
 */
export function comeBehindOthers(): void {
  if (process.platform !== "linux") return;
  try {
    const thread = Number(readlinkSync("/proc/thread-self").split("/").at(-1));
    setPriority(thread, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Intentionally nothing: without /proc, or the right to, the thread goes on as it is.
  }
}
