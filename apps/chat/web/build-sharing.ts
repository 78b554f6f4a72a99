import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import type { Loader, Plugin } from "esbuild";

const LOADERS: Readonly<Record<string, Loader>> = {
  ".js": "js",
  ".mjs": "js",
  ".ts": "ts",
  ".tsx": "tsx",
};

/**
 * Keeps in one file all that a page needs before it runs.
 *
 * A bundler that splits puts what two parts share into a file for just those two: with ten parts that are
 * loaded later, the first load became twelve files that pack worse than one. A part that is loaded later is
 * always loaded by a page that has `base` already, so here each says that it needs all of that: then there
 * is one file that all share, and one for each part.
 *
 * @param base path of the module that reaches what the page begins with
 */
export function oneSharedPart(base: string): Plugin {
  return {
    name: "one-shared-part",
    setup(build) {
      build.onResolve({ filter: /./ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
        if (kind !== "dynamic-import" || pluginData === "resolved") return null;
        const found = await build.resolve(path, { kind, importer, resolveDir, pluginData: "resolved" });
        return { ...found, pluginData: "later" };
      });
      build.onLoad({ filter: /./ }, async ({ path, pluginData }) => {
        const loader = LOADERS[extname(path)];
        if (pluginData !== "later" || loader === undefined) return null;
        const source = await readFile(path, "utf8");
        return { contents: `${source}\nimport ${JSON.stringify(base)};\n`, loader };
      });
    },
  };
}
