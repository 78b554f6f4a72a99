/**
 * Builds the chat page into `dist/`:
 *
 *     index.html              names the files below; is served for `/` and `/r/{room}`, never cached
 *     assets/app-HASH.js      and its source map; the HASH is of the content, so they can be cached for ever
 *     assets/NAME-HASH.js     and its source map: what the script loads when it first needs it
 *     assets/page-HASH.css    and its source map
 *     assets/tabs-worker-HASH.js   and its source map: the shared worker that holds the connection of a browser's tabs
 *     assets/favicon-HASH.svg, assets/icon-….png
 *     manifest.webmanifest    names the icons: the page can be installed as a program
 *     service-worker.js       keeps all of these in the browser, so that it opens with no network
 *
 * What serves it replaces every `%BASE%` in index.html by the base path, which begins and ends with a
 * slash (`/`, `/chat/`), escaped for an HTML attribute. The page reads it back from
 * `<meta name="parlor-base">`; a `<base>` element would need a looser content security policy. The page
 * asks for nothing but its own files and the server's addresses, runs no inline script or style and sets
 * no markup, so it works under `default-src 'none'` with `'self'` for scripts, styles, images and
 * connections, and with Trusted Types.
 *
 * Run it as `node apps/chat/web/build.ts`; it prints the sizes.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type OutputFile, type Plugin } from "esbuild";
import { buildExamples } from "./build-examples.ts";
import { buildOperator } from "./build-operator.ts";
import { buildTutorial } from "./build-tutorial.ts";
import { BUNDLE_OPTIONS } from "./bundle-options.ts";
import { installableFiles, releaseWorker } from "./build-release.ts";
import { oneSharedPart } from "./build-sharing.ts";

/**
 * What a first visit has loaded when its newest message stands and one can write, gzipped, must not be larger: what
 * the page needs before it runs, and what may be added until then where the server is slow to answer.
 */
const MAX_SCRIPT_BYTES = 60 * 1024;
const PARTS_OF_SLOW_ANSWERS = ["racing-transport-", "kept-rooms-"];

const here = import.meta.dirname;

/**
 * @param dist The folder that it is built into; whatever else is in there goes.
 * @param plugins Change what is read, as for a page of another release.
 */
export async function buildPage(dist = join(here, "dist"), plugins: readonly Plugin[] = []): Promise<void> {
  const startedAt = performance.now();
  const assets = join(dist, "assets");
  const { files: pageFiles, firstNames } = await bundle(assets, plugins);
  const sharedWorker = await bundleSharedWorker(assets, plugins);
  const files = [...pageFiles, ...sharedWorker];
  const favicon = await readFile(join(here, "favicon.svg"));
  const faviconName = `favicon-${hash(favicon)}.svg`;
  const named = (start: string, end: string): OutputFile => {
    const file = files.find(({ path }) => basename(path).startsWith(start) && path.endsWith(end));
    if (file === undefined) throw new Error(`The build made no ${start}…${end}.`);
    return file;
  };
  const script = named("app-", ".js");
  const style = named("page-", ".css");
  const { manifest, icons } = await installableFiles();
  const html = (await readFile(join(here, "index.html"), "utf8"))
    .replace("%ICON%", icons[0]?.name ?? "")
    .replace("%FAVICON%", `assets/${faviconName}`)
    .replace("%STYLE%", `assets/${basename(style.path)}`)
    .replace("%WORKER%", `assets/${basename(named("tabs-worker-", ".js").path)}`)
    .replace("%SCRIPT%", `assets/${basename(script.path)}`)
    .replace("%PRELOADS%", preloads([...firstNames].filter((name) => name !== basename(script.path))));

  await mkdir(assets, { recursive: true });
  await Promise.all(files.map(({ path, contents }) => writeFile(path, contents)));
  await writeFile(join(assets, faviconName), favicon);
  await Promise.all([...icons, manifest].map(({ name, contents }) => writeFile(join(dist, name), contents)));
  // The page last, and what it no longer names after it: whoever serves meanwhile finds whole sets.
  await writeFile(join(dist, "index.html"), html);
  const names = [
    faviconName,
    ...[...icons, ...files.map(({ path: name }) => ({ name }))].map(({ name }) => basename(name)),
  ];
  const kept = names.filter((name) => !name.endsWith(".map")).map((name) => `assets/${name}`);
  const worker = await releaseWorker([...kept, manifest.name], basename(script.path), html);
  await writeFile(join(dist, worker.name), worker.contents);
  await removeOthers(assets, new Set(names));

  // Of another release nobody wants to know.
  if (plugins.length > 0) return;
  const others = files.filter((file) => file.path.endsWith(".js") && file !== script);
  report([script, style, ...others], performance.now() - startedAt);
  const zippedBytes = (scripts: readonly OutputFile[]): number =>
    scripts.reduce((sum, { contents }) => sum + gzipSync(contents).length, 0);
  const firstBytes = zippedBytes(files.filter(({ path }) => firstNames.has(basename(path))));
  const slowBytes = zippedBytes(PARTS_OF_SLOW_ANSWERS.map((part) => named(part, ".js")));
  process.stdout.write(
    `Before it runs it loads ${kilobytes(firstBytes)} of script, gzipped, and at most ${kilobytes(slowBytes)} more until it is usable.\n`,
  );
  if (firstBytes + slowBytes > MAX_SCRIPT_BYTES) {
    throw new Error(
      `Until it is usable it may load ${firstBytes + slowBytes} bytes of script gzipped; at most ${MAX_SCRIPT_BYTES} are allowed.`,
    );
  }
}

interface Bundle {
  readonly files: readonly OutputFile[];
  /** The entry and whatever it imports before it can run; not what it loads later. */
  readonly firstNames: ReadonlySet<string>;
}

async function bundle(assets: string, plugins: readonly Plugin[]): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    entryPoints: { app: join(here, "main.tsx"), page: join(here, "style/page.css") },
    outdir: assets,
    ...BUNDLE_OPTIONS,
    jsx: "automatic",
    jsxImportSource: "preact",
    plugins: [...plugins, oneSharedPart(join(here, "main.tsx"))],
    metafile: true,
  });
  const { outputs } = metafile;
  const pending = Object.keys(outputs).filter((path) => /^app-.*\.js$/.test(basename(path)));
  const firstNames = new Set<string>();
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (firstNames.has(basename(path))) continue;
    firstNames.add(basename(path));
    for (const { path: imported, kind } of outputs[path]?.imports ?? [])
      if (kind === "import-statement") pending.push(imported);
  }
  return { files: outputFiles, firstNames };
}

/** What the script imports is asked for together with it, and not once it was read. */
function preloads(names: readonly string[]): string {
  return names.map((name) => `<link rel="modulepreload" href="%BASE%assets/${name}">`).join("\n");
}

/** In one file: what it shares with the page would else be cut out of the page's first script. */
async function bundleSharedWorker(
  assets: string,
  plugins: readonly Plugin[],
): Promise<readonly OutputFile[]> {
  const { outputFiles } = await build({
    entryPoints: [join(here, "tabs-worker.ts")],
    outdir: assets,
    ...BUNDLE_OPTIONS,
    splitting: false,
    plugins: [...plugins],
  });
  return outputFiles;
}

async function removeOthers(assets: string, kept: ReadonlySet<string>): Promise<void> {
  const others = (await readdir(assets)).filter((name) => !kept.has(name));
  await Promise.all(others.map((name) => rm(join(assets, name))));
}

/** Prints the sizes. */
function report(files: readonly OutputFile[], tookMs: number): void {
  const sizes = files.map(({ path, contents }) => {
    const zipped = gzipSync(contents).length;
    return { name: basename(path), raw: contents.length, zipped };
  });
  for (const { name, raw, zipped } of sizes) {
    process.stdout.write(`${name}  ${kilobytes(raw)} (${kilobytes(zipped)} gzipped)\n`);
  }
  process.stdout.write(`Built the page in ${Math.round(tookMs)} ms.\n`);
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KB`;
}

function hash(contents: Uint8Array): string {
  return createHash("sha256").update(contents).digest("hex").slice(0, 8).toUpperCase();
}

if (import.meta.main) {
  await buildPage();
  await buildExamples();
  await buildOperator();
  await buildTutorial();
}
