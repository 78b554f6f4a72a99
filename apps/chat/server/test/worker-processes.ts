import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { ParlorProcess } from "./parlor-process.ts";

const run = promisify(execFile);

/** The processes behind `--workers`, as the system lists them. */
export interface Family {
  readonly owner: number;
  readonly workers: readonly number[];
}

/** Who the supervisor has at this moment; some may be missing while they are started again. */
export async function childrenOf(parlor: ParlorProcess): Promise<readonly { pid: number; args: string }[]> {
  const { stdout } = await run("ps", ["-A", "-o", "pid=,ppid=,args="]);
  return stdout.split("\n").flatMap((line) => {
    const [, pid, ppid, args = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return Number(ppid) === parlor.pid && args.includes("-main.") ? [{ pid: Number(pid), args }] : [];
  });
}

export async function familyOf(parlor: ParlorProcess): Promise<Family> {
  const children = await childrenOf(parlor);
  const owner = children.find(({ args }) => args.includes("owner-main."));
  const workers = children.filter(({ args }) => args.includes("worker-main."));
  if (owner === undefined) throw new Error(`no owner among ${JSON.stringify(children)}`);
  return { owner: owner.pid, workers: workers.map(({ pid }) => pid) };
}

/** Fulfils when none of the processes is there any more. */
export async function allGone(pids: readonly number[]): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const left = pids.filter(isThere);
    if (left.length === 0) return;
    if (performance.now() > deadline) throw new Error(`still there: ${left.join(", ")}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // The one error there is without rights to lack: no such process.
    return false;
  }
}
