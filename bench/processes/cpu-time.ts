import { readdirSync, readFileSync } from "node:fs";

/**
 * How long a process has been on a core, user and system together and all its threads, in ms. Null where
 * the system does not tell of other processes (outside Linux); the process itself can be asked then.
 *
 * It is read from outside because a server that is overloaded answers late. Of threads that ended it
 * knows nothing; the servers here keep theirs.
 */
export function cpuMsOf(pid: number): number | null {
  const folder = `/proc/${pid}/task`;
  try {
    let nanoseconds = 0;
    for (const thread of readdirSync(folder)) {
      nanoseconds += Number(readFileSync(`${folder}/${thread}/schedstat`, "utf8").split(" ", 1)[0]);
    }
    return nanoseconds / 1e6;
  } catch {
    // No such folder, or a kernel that keeps no such account.
    return null;
  }
}

/** The same of this process, as Node tells it. */
export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
