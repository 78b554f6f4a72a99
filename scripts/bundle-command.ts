import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import { sourceFiles } from "./source-files.ts";

/** The variable in which tests that start the command find the file to start; without it they start its source. */
export const COMMAND_VARIABLE = "TESTED_COMMAND";

const MAIN = "apps/chat/server/main.ts";
/** What threads and processes of the command begin with. */
const BEGINNING = /^(apps\/chat\/server|packages\/(log|server)\/src)\/.*-(worker|main)\.ts$/;

/**
 * Bundles the command as the sources are now: to find, read and link six hundred modules is a third of what a start
 * costs, and tests start it hundreds of times. Files beside a module are found where its source is; threads and
 * processes that it starts are bundled, too.
 *
 * @param folder What it is made into; whatever is in there goes.
 * @returns The file to start.
 */
export async function bundleCommand(root: string, folder: string): Promise<string> {
  const beginnings = [MAIN, ...sourceFiles(root, [".ts"]).filter((path) => BEGINNING.test(path))];
  const builtFile = (path: string): string => join(folder, path.replace(/\.ts$/, ".mjs"));
  const sources = new Map(beginnings.map((path) => [join(root, path), builtFile(path)]));
  // Whoever starts it meanwhile has the one before, or none.
  const made = `${folder}.making`;
  await rm(made, { recursive: true, force: true });
  await mkdir(made, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: beginnings,
    outdir: made,
    outbase: root,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node24",
    logLevel: "warning",
    // Loaded by those who have a cluster, and found from there as from anywhere in this project.
    external: ["@nats-io/*"],
    // What is CommonJS asks for Node's own modules by it.
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
    },
    plugins: [whereSourcesAre(sources)],
  });
  await rm(folder, { recursive: true, force: true });
  await rename(made, folder);
  return builtFile(MAIN);
}

/** @param built Of each source that something begins with, the file that it is bundled into. */
function whereSourcesAre(built: ReadonlyMap<string, string>): Plugin {
  return {
    name: "where-sources-are",
    setup: (bundle) => {
      bundle.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const source = await readFile(path, "utf8");
        if (!source.includes("import.meta.")) return null;
        const folder = dirname(path);
        const url = (file: string): string => JSON.stringify(pathToFileURL(file).href);
        const contents = source
          .replaceAll(/new URL\("(\.[^"]*\.ts)", import\.meta\.url\)/g, (_, file: string) => {
            const begun = resolve(folder, file);
            return `new URL(${url(built.get(begun) ?? begun)})`;
          })
          .replaceAll(/import\.meta\.resolve\("([^"]+)"\)/g, (_, name: string) =>
            url(createRequire(path).resolve(name)),
          )
          .replaceAll("import.meta.dirname", JSON.stringify(folder))
          .replaceAll("import.meta.filename", JSON.stringify(path))
          .replaceAll("import.meta.url", url(path));
        return { contents, loader: "ts" };
      });
    },
  };
}
