/**
 * Builds the pages of the examples, each folder of `examples` that has a `page`, into `dist/examples/`:
 *
 *     index.html            examples/index.html with a sentence about each: its title and its description
 *     index-HASH.css        from examples/page.css
 *     NAME/index.html       names the files below by %SCRIPT% and %STYLE%; never cached
 *     NAME/main-HASH.js     from main.ts, and its source map
 *     NAME/NAME-HASH.css    from NAME.css
 *     NAME/icon.svg
 *
 * As in build.ts what serves them replaces `%BASE%`.
 */
import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build, type OutputFile } from "esbuild";
import { BUNDLE_OPTIONS } from "./bundle-options.ts";

const examples = join(import.meta.dirname, "..", "..", "..", "examples");
const dist = join(import.meta.dirname, "dist", "examples");

export async function buildExamples(): Promise<void> {
  const names = (await readdir(examples)).filter((name) => existsSync(join(examples, name, "page")));
  const entries = await Promise.all(names.map(buildExample));
  const { outputFiles } = await build({
    entryPoints: { index: join(examples, "page.css") },
    outdir: dist,
    ...BUNDLE_OPTIONS,
  });
  const html = (await readFile(join(examples, "index.html"), "utf8"))
    .replace("%STYLE%", `examples/${fileNamed(outputFiles, "index-", ".css")}`)
    .replace("%EXAMPLES%", entries.join("\n"));
  await put(dist, outputFiles, html);
  await removeOthers(dist, new Set([...names, "index.html", ...namesOf(outputFiles)]));
}

/** Gives what the list of all says of it. */
async function buildExample(name: string): Promise<string> {
  const from = join(examples, name, "page");
  const to = join(dist, name);
  const { outputFiles } = await build({
    entryPoints: { main: join(from, "main.ts"), [name]: join(from, `${name}.css`) },
    outdir: to,
    ...BUNDLE_OPTIONS,
  });
  const html = (await readFile(join(from, "index.html"), "utf8"))
    .replace("%STYLE%", `examples/${name}/${fileNamed(outputFiles, `${name}-`, ".css")}`)
    .replace("%SCRIPT%", `examples/${name}/${fileNamed(outputFiles, "main-", ".js")}`);
  await put(to, outputFiles, html);
  await copyFile(join(from, "icon.svg"), join(to, "icon.svg"));
  await removeOthers(to, new Set(["index.html", "icon.svg", ...namesOf(outputFiles)]));
  const [, title = name] = /<h1>([^<]+)<\/h1>/.exec(html) ?? [];
  const [, description = ""] = /<meta name="description" content="([^"]+)">/.exec(html) ?? [];
  return `<li><h2><a href="%BASE%examples/${name}">${title}</a></h2><p>${description}</p></li>`;
}

function fileNamed(files: readonly OutputFile[], start: string, end: string): string {
  const file = namesOf(files).find((name) => name.startsWith(start) && name.endsWith(end));
  if (file === undefined) throw new Error(`The build of the examples made no ${start}…${end}.`);
  return file;
}

function namesOf(files: readonly OutputFile[]): string[] {
  return files.map(({ path }) => basename(path));
}

/** The document last: whoever serves meanwhile finds whole sets. */
async function put(folder: string, files: readonly OutputFile[], html: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all(files.map(({ path, contents }) => writeFile(path, contents)));
  await writeFile(join(folder, "index.html"), html);
}

async function removeOthers(folder: string, kept: ReadonlySet<string>): Promise<void> {
  const others = (await readdir(folder)).filter((name) => !kept.has(name));
  await Promise.all(others.map((name) => rm(join(folder, name), { recursive: true })));
}
