import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";
import { temporaryFolder } from "../server/test/parlor-process.ts";
import { buildPage } from "../web/build.ts";

/** What may differ from one release of the page to another, and what of one browser is shared all the same. */
export interface ReleaseVersions {
  /** Of what tabs and their hub say to one another. @default as in this release */
  readonly tabs?: number;
  /** Of the shape of the outbox on disk. @default as in this release */
  readonly outbox?: number;
}

/** Where each of them stands in the sources; a place that is gone is an error, for both releases would be one then. */
const PLACES = {
  tabs: [
    { file: /[\\/]client[\\/]src[\\/]tabs[\\/]version\.ts$/, find: "TABS_VERSION = 1;" },
    { file: /[\\/]client[\\/]src[\\/]tabs[\\/]index\.ts$/, find: "VERSION: typeof TABS_VERSION = 1;" },
  ],
  outbox: [{ file: /[\\/]kept-outbox[\\/]indexed-db-store\.ts$/, find: "VERSION = 1;" }],
} as const;

/** Builds the page of another release, of the same sources but for its versions; gone when it is disposed of. */
export async function otherRelease(
  versions: ReleaseVersions,
): Promise<Disposable & { readonly path: string }> {
  const folder = temporaryFolder();
  const found = new Set<string>();
  const wanted = (["tabs", "outbox"] as const).flatMap((what) => {
    const version = versions[what];
    return version === undefined ? [] : PLACES[what].map((place) => ({ ...place, version }));
  });
  const changed: Plugin = {
    name: "other-release",
    setup(build) {
      for (const { file, find, version } of wanted)
        build.onLoad({ filter: file }, async ({ path }) => {
          const source = await readFile(path, "utf8");
          if (source.includes(find)) found.add(find);
          return { contents: source.replace(find, find.replace("1;", `${version};`)), loader: "ts" };
        });
      // Its files are to have other names, also where nothing else differs.
      build.onLoad({ filter: /chat[\\/]web[\\/](main\.tsx|tabs-worker\.ts)$/ }, async ({ path }) => ({
        contents: `${await readFile(path, "utf8")}\n(globalThis as any).parlorRelease = "another";\n`,
        loader: path.endsWith("x") ? "tsx" : "ts",
      }));
    },
  };
  await buildPage(folder.path, [changed]);
  const missing = wanted.filter(({ find }) => !found.has(find));
  if (missing.length > 0)
    throw new Error(`The sources do not hold ${missing.map(({ find }) => find).join(", ")}`);
  return folder;
}
