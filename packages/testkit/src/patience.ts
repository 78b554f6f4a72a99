import { setTimeout as wait } from "node:timers/promises";

const LOOK_MS = 25;

/** For what has no event of its own: looks every 25 ms until it is so, and says whether it came about in time. */
export async function until(isSo: () => boolean | Promise<boolean>, patienceMs: number): Promise<boolean> {
  const lateMs = performance.now() + patienceMs;
  while (!(await isSo())) {
    if (performance.now() > lateMs) return false;
    await wait(LOOK_MS);
  }
  return true;
}

export { wait };
