import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { listImports } from "../list-imports.ts";
import { publishedFiles } from "./published-files.ts";
import { PUBLIC_PACKAGES, type PublicPackage } from "./public-packages.ts";
import { publishedManifest, type SourceManifest } from "./published-manifest.ts";

const ROOT = join(import.meta.dirname, "../..");

/**
 * Builds every public package into a folder of its own below `into`, ready for `npm pack` and `npm publish`:
 *
 *     NAME/package.json   rewritten, see published-manifest.ts
 *     NAME/dist/          modules, declarations and source maps, file by file as the sources are
 *     NAME/README.md, NAME/LICENSE
 *
 * Node does not strip types below `node_modules`, so what is published is JavaScript. It is not bundled: workers
 * are found beside the module that starts them, an `instanceof` means the same class for everybody, and who
 * bundles a page leaves out, or loads later, what it does not use at once.
 *
 * @returns the folders, in the order of PUBLIC_PACKAGES
 */
export function buildPackages(into: string): string[] {
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  const compiled = mkdtempSync(join(into, ".compiled-"));
  try {
    compile(compiled);
    const staged = PUBLIC_PACKAGES.map((each) => stage(each, compiled, join(into, basename(each.folder))));
    const names = new Set(staged.map((folder) => manifestOf(folder).name));
    for (const folder of staged) {
      checkNamedFiles(folder);
      checkOwnDependencies(manifestOf(folder), names);
    }
    return staged;
  } finally {
    rmSync(compiled, { recursive: true, force: true });
  }
}

/** One run for all: they share most of what is to be checked. */
function compile(into: string): void {
  const config = join(into, "tsconfig.json");
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(ROOT, "tsconfig.json"),
      compilerOptions: {
        noEmit: false,
        allowImportingTsExtensions: false,
        rewriteRelativeImportExtensions: true,
        declaration: true,
        sourceMap: true,
        inlineSources: true,
        // The packages' own internals, and types of what they only use inside, are not for whoever installs them.
        stripInternal: true,
        rootDir: ROOT,
        outDir: into,
        typeRoots: [join(ROOT, "node_modules/@types")],
      },
      include: [],
      files: PUBLIC_PACKAGES.flatMap((each) => publishedFiles(ROOT, each))
        .filter((path) => path.endsWith(".ts"))
        .map((path) => join(ROOT, path)),
    }),
  );
  execFileSync(process.execPath, [tsc, "-p", config], { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
}

function stage(each: PublicPackage, compiled: string, into: string): string {
  const source = join(ROOT, each.folder);
  for (const path of publishedFiles(ROOT, each)) {
    const inside = relative(each.folder, path);
    const to = join(into, each.isLibrary ? inside.replace(/^src\//, "dist/") : inside);
    mkdirSync(dirname(to), { recursive: true });
    if (path.endsWith(".ts")) stageModule(join(compiled, path), to, each.isLibrary);
    else if (path.endsWith(".mjs"))
      writeFileSync(to, withBuiltNames(readFileSync(join(ROOT, path), "utf8"), path));
    else cpSync(join(ROOT, path), to);
  }
  for (const { path, contents } of each.bundled?.build(join(into, `${each.bundled.file}.js`)) ?? [])
    writeFileSync(path, contents);
  const manifest = manifestOf(source);
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    readonly devDependencies: Record<string, string>;
  };
  const hasTypesOfNode = readdirSync(into, { encoding: "utf8", recursive: true }).some(
    (path) => path.endsWith(".d.ts") && /"node:|NodeJS\./.test(readFileSync(join(into, path), "utf8")),
  );
  const published = publishedManifest(manifest, each, devDependencies, hasTypesOfNode);
  writeFileSync(join(into, "package.json"), `${JSON.stringify(published, null, 2)}\n`);
  cpSync(join(source, "README.md"), join(into, "README.md"));
  cpSync(join(ROOT, "LICENSE"), join(into, "LICENSE"));
  return into;
}

function manifestOf(folder: string): SourceManifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as SourceManifest;
}

/** A module of the compiler's, its declarations where there is somebody to read them, and its map. */
function stageModule(compiled: string, to: string, isLibrary: boolean): void {
  const from = compiled.replace(/\.ts$/, "");
  const target = to.replace(/\.ts$/, "");
  writeFileSync(`${target}.js`, withBuiltNames(readFileSync(`${from}.js`, "utf8"), compiled));
  const map = JSON.parse(readFileSync(`${from}.js.map`, "utf8")) as { sources: string[] };
  writeFileSync(`${target}.js.map`, JSON.stringify({ ...map, sources: [basename(compiled)] }));
  if (isLibrary) {
    writeFileSync(`${target}.d.ts`, withBuiltNames(readFileSync(`${from}.d.ts`, "utf8"), compiled));
  }
}

/** Each package of ours that a public one needs is public. */
function checkOwnDependencies({ name, dependencies }: SourceManifest, names: ReadonlySet<string>): void {
  for (const each of Object.keys(dependencies)) {
    if (each.startsWith("@parlor/") && !names.has(each))
      throw new Error(`${name} needs ${each}, which public-packages.ts does not list`);
  }
}

/** Each file that a module names is published with it. */
function checkNamedFiles(folder: string): void {
  for (const path of readdirSync(folder, { encoding: "utf8", recursive: true })) {
    if (!path.endsWith(".js") || path.includes("web/dist/") || path.startsWith("pages/")) continue;
    for (const { specifier } of listImports(readFileSync(join(folder, path), "utf8"))) {
      if (specifier?.startsWith(".") !== true || existsSync(join(folder, dirname(path), specifier))) continue;
      throw new Error(
        `${basename(folder)}/${path} needs ${specifier}, which public-packages.ts does not list`,
      );
    }
  }
}

/**
 * Files that a module names, as they are called when built: what the compiler leaves are declarations, and the
 * files of workers and processes, which are named by `new URL("./x.ts", import.meta.url)`.
 */
function withBuiltNames(text: string, path: string): string {
  const built = text
    .replaceAll(/(\bfrom |\bimport\()"(\.[^"\n]*)\.ts"/g, '$1"$2.js"')
    .replaceAll(/new URL\("(\.[^"\n]*)\.ts", import\.meta\.url\)/g, 'new URL("$1.js", import.meta.url)');
  const left = /^(?!\s*(?:\*|\/\/|\/\*)).*["'`/][\w.-]+\.ts["'`]/m.exec(built);
  if (left !== null) throw new Error(`${path} names a file of the sources: ${left[0].trim()}`);
  return built;
}

if (import.meta.main) {
  const into = join(ROOT, ".build/packages");
  for (const folder of buildPackages(into)) console.log(relative(ROOT, folder));
}
