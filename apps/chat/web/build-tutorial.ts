/**
 * Builds into `dist/tutorial/` what the tutorial's last step imports: `parlor-socket.js`, by the name that the lesson
 * shows, and its source map. It is the file that `@parlor/client/socket` is, too.
 */
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { buildSocket } from "@parlor/client/build-socket";

const dist = join(import.meta.dirname, "dist", "tutorial");

export async function buildTutorial(): Promise<void> {
  const files = buildSocket(join(dist, "parlor-socket.js"));
  await mkdir(dist, { recursive: true });
  await Promise.all(files.map(({ path, contents }) => writeFile(path, contents)));
  const kept = new Set(files.map(({ path }) => basename(path)));
  const others = (await readdir(dist)).filter((name) => !kept.has(name));
  await Promise.all(others.map((name) => rm(join(dist, name))));
}
