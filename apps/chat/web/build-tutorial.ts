/**
 * Builds into `dist/tutorial/` what the tutorial's last step imports: `parlor-socket.js`, by the name that the lesson
 * shows, and what that loads when it first needs it.
 */
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { BUNDLE_OPTIONS } from "./bundle-options.ts";

const dist = join(import.meta.dirname, "dist", "tutorial");

export async function buildTutorial(): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, "parlor-socket.ts")],
    outdir: dist,
    ...BUNDLE_OPTIONS,
    entryNames: "[name]",
  });
  await mkdir(dist, { recursive: true });
  await Promise.all(outputFiles.map(({ path, contents }) => writeFile(path, contents)));
  const kept = new Set(outputFiles.map(({ path }) => basename(path)));
  const others = (await readdir(dist)).filter((name) => !kept.has(name));
  await Promise.all(others.map((name) => rm(join(dist, name))));
}
