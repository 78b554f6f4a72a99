import { basename, join } from "node:path";
import { build } from "esbuild";

/** Chromium compiles the whole file as it is loaded, and not each function as it is first called. */
const COMPILE_WHOLE = "//# allFunctionsCalledOnLoad";

/**
 * The script of each page and what it loads on demand, by file name: as a bundler makes them for people, with the line
 * that the client's README advises. All libraries have it.
 */
export async function buildPages(names: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
  const pages = join(import.meta.dirname, "pages");
  const { outputFiles } = await build({
    entryPoints: names.map((name) => join(pages, `${name}.ts`)),
    outdir: "/",
    bundle: true,
    minify: true,
    banner: { js: COMPILE_WHOLE },
    splitting: true,
    format: "esm",
    target: "es2022",
    logLevel: "warning",
    write: false,
  });
  return new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]));
}
