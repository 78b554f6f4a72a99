import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const POLL_MS = 200;
const TOUCH_MS = 2_000;
/** A holder that has not touched its lock for so long is gone, even where another process has its pid now. */
const STALE_MS = 30_000;

/**
 * Runs `task` while this process alone holds the lock file. Another live process that holds it is waited
 * for; a lock whose process is gone (a set-up that was killed) is taken over.
 */
export async function withLock(path, say, task) {
  mkdirSync(dirname(path), { recursive: true });
  let told = false;
  while (!tryTake(path)) {
    if (!told) say("another set-up is running in this folder; waiting for it");
    told = true;
    await wait(POLL_MS);
  }
  const touch = setInterval(() => utimesSync(path, new Date(), new Date()), TOUCH_MS);
  try {
    return await task();
  } finally {
    clearInterval(touch);
    rmSync(path, { force: true });
  }
}

function tryTake(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  if (!isAbandoned(path)) return false;
  takeAway(path);
  return false;
}

/** Of several that find a dead lock, one moves it away; who moved a living one by that puts it back. */
function takeAway(path) {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    if (!isAbandoned(aside)) linkSync(aside, path);
  } catch (error) {
    if (error.code !== "ENOENT" && error.code !== "EEXIST") throw error;
  }
  rmSync(aside, { force: true });
}

function isAbandoned(path) {
  try {
    if (Date.now() - statSync(path).mtimeMs > STALE_MS) return true;
    const pid = Number(readFileSync(path, "utf8"));
    // Empty for an instant between its creation and the write of its pid.
    return pid > 0 && !isAlive(pid);
  } catch (error) {
    if (error.code === "ENOENT") return false;
    throw error;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return error.code !== "ESRCH";
  }
}
