import { existsSync, readdirSync, readFileSync } from "node:fs";

/** Whether any process of the group still runs; one that died and waits to be collected does not. */
export function isGroupRunning(group: number): boolean {
  if (!existsSync("/proc/self/stat")) return signal(-group, 0);
  // A signal reaches the dead as well, where nobody collects them, as in many containers.
  return readdirSync("/proc").some((name) => /^\d+$/.test(name) && groupOf(name) === group);
}

/** Ends every process of the group at once. */
export function killGroup(group: number): void {
  signal(-group, "SIGKILL");
}

/** The group of a process that runs; null where there is none by that id. */
function groupOf(pid: string): number | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    // It ended between the listing and this read.
    return null;
  }
  // "pid (name) state parent group …", where the name may hold anything.
  const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return state === "Z" || state === "X" ? null : Number(group);
}

function signal(target: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(target, name);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}
