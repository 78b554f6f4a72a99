import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ProjectionSubject } from "./projection-subject.ts";

const TAKER = fileURLToPath(new URL("./projection-taker.ts", import.meta.url));

/**
 * Has another process read a room into a projection, and kills it when it has taken so many steps, somewhere in the
 * next one. Who looks meanwhile never sees effects without their position, or a position without its effects.
 *
 * @param subject  Of the same file, opened.
 */
export async function readUntilKilled(
  { projection, effects }: ProjectionSubject,
  module: URL,
  path: string,
  room: string,
  steps: number,
): Promise<void> {
  const args = [TAKER, module.href, path, room];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  let taken = 0;
  createInterface({ input: child.stdout }).on("line", (line) => {
    taken += line === "taken" ? 1 : 0;
    if (line !== "taken" || taken === steps) child.kill("SIGKILL");
  });
  const offset = async (): Promise<number> => (await projection.position(room))?.offset ?? 0;
  const newest = async (): Promise<number> => (await effects(room)).at(-1) ?? 0;
  try {
    while (child.exitCode === null && child.signalCode === null) {
      // Both only rise, so what was read first is never ahead.
      const effectBefore = await newest();
      const position = await offset();
      const effectAfter = await newest();
      assert.ok(effectBefore <= position, `an effect of ${effectBefore} is there at ${position}`);
      assert.ok(position <= effectAfter, `at ${position} the last effect is of ${effectAfter}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    child.kill("SIGKILL");
  }
  assert.deepEqual(await ended, [null, "SIGKILL"]);
  assert.ok(taken >= steps, `${taken} steps were taken`);
}
