/**
 * Builds the pages of the examples into `dist/examples/NAME/`, from `examples/NAME/page`:
 *
 *     index.html       names the files below by %SCRIPT% and %STYLE%; never cached
 *     main-HASH.js     from main.ts, and its source map
 *     NAME-HASH.css    from NAME.css
 *     icon.svg
 *
 * As in build.ts what serves them replaces `%BASE%`.
 */
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { BUNDLE_OPTIONS } from "./bundle-options.ts";

const EXAMPLES = ["game"];
const examples = join(import.meta.dirname, "..", "..", "..", "examples");
const dist = join(import.meta.dirname, "dist", "examples");

export async function buildExamples(): Promise<void> {
  await Promise.all(EXAMPLES.map(buildExample));
}

async function buildExample(name: string): Promise<void> {
  const from = join(examples, name, "page");
  const to = join(dist, name);
  const { outputFiles } = await build({
    entryPoints: { main: join(from, "main.ts"), [name]: join(from, `${name}.css`) },
    outdir: to,
    ...BUNDLE_OPTIONS,
  });
  const named = (start: string, end: string): string => {
    const file = outputFiles.find(({ path }) => basename(path).startsWith(start) && path.endsWith(end));
    if (file === undefined) throw new Error(`The build of the example ${name} made no ${start}…${end}.`);
    return `examples/${name}/${basename(file.path)}`;
  };
  const html = (await readFile(join(from, "index.html"), "utf8"))
    .replace("%STYLE%", named(`${name}-`, ".css"))
    .replace("%SCRIPT%", named("main-", ".js"));
  await mkdir(to, { recursive: true });
  await Promise.all(outputFiles.map(({ path, contents }) => writeFile(path, contents)));
  await copyFile(join(from, "icon.svg"), join(to, "icon.svg"));
  await writeFile(join(to, "index.html"), html);
  const kept = new Set(["index.html", "icon.svg", ...outputFiles.map(({ path }) => basename(path))]);
  const others = (await readdir(to)).filter((file) => !kept.has(file));
  await Promise.all(others.map((file) => rm(join(to, file))));
}
