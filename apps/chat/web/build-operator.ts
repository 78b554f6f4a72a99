/**
 * Builds the operator's page into `dist/operator/`: its script is its own, and no other page loads it.
 *
 *     index.html            names the files below; served at `operator`
 *     main-HASH.js          and its source map
 *     operator-HASH.css     and its source map
 *     icon.svg
 *
 * As in build.ts what serves it replaces `%BASE%`.
 */
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { BUNDLE_OPTIONS } from "./bundle-options.ts";

const here = import.meta.dirname;
const from = join(here, "operator");
const dist = join(here, "dist", "operator");

export async function buildOperator(): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: { main: join(from, "main.tsx"), operator: join(from, "operator.css") },
    outdir: dist,
    ...BUNDLE_OPTIONS,
    jsx: "automatic",
    jsxImportSource: "preact",
  });
  const names = outputFiles.map(({ path }) => basename(path));
  const named = (start: string, end: string): string => {
    const name = names.find((each) => each.startsWith(start) && each.endsWith(end));
    if (name === undefined) throw new Error(`The build of the operator's page made no ${start}…${end}.`);
    return `operator/${name}`;
  };
  const html = (await readFile(join(from, "index.html"), "utf8"))
    .replace("%STYLE%", named("operator-", ".css"))
    .replace("%SCRIPT%", named("main-", ".js"));
  await mkdir(dist, { recursive: true });
  await Promise.all(outputFiles.map(({ path, contents }) => writeFile(path, contents)));
  await copyFile(join(here, "favicon.svg"), join(dist, "icon.svg"));
  // The document last: whoever serves meanwhile finds whole sets.
  await writeFile(join(dist, "index.html"), html);
  const kept = new Set(["index.html", "icon.svg", ...names]);
  const others = (await readdir(dist)).filter((name) => !kept.has(name));
  await Promise.all(others.map((name) => rm(join(dist, name))));
}
