import { BUNDLED_PACKAGES, type PublicPackage } from "./public-packages.ts";

/** The members of a package.json that the build reads. */
export interface SourceManifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly type: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

/**
 * The package.json that is published in place of the one of the sources. It is there only in what was built:
 * the one of the sources says `private`, so that nobody publishes TypeScript that no Node would run below
 * `node_modules`.
 *
 * @param toolVersions    Those of the development tools of the root.
 * @param hasTypesOfNode  Whether its declarations speak of Node's own modules.
 */
export function publishedManifest(
  source: SourceManifest,
  { contents, isLibrary, node, tools = [], bundled }: PublicPackage,
  toolVersions: Readonly<Record<string, string>>,
  hasTypesOfNode: boolean,
): Record<string, unknown> {
  const dependencies = Object.fromEntries(
    Object.entries(source.dependencies).filter(([name]) => !BUNDLED_PACKAGES.has(name)),
  );
  for (const tool of tools) dependencies[tool] = toolVersions[tool] as string;
  const loose = Object.entries(dependencies).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version));
  if (loose.length > 0)
    throw new Error(`${source.name} does not pin ${loose.join(", ").replaceAll(",", " ")}`);
  return {
    name: source.name,
    version: source.version,
    description: source.description,
    license: source.license,
    type: source.type,
    // One form for `import` and `require`: every Node that it runs on requires ES modules.
    exports: {
      ...publishedExports(source.exports),
      ...(bundled === undefined
        ? {}
        : { [bundled.name]: { types: `./${bundled.types}.d.ts`, default: `./${bundled.file}.js` } }),
      "./package.json": "./package.json",
    },
    ...(source.bin === undefined ? {} : { bin: source.bin }),
    // A module by itself comes with its map and its declarations.
    files: contents.map((each) => (each === "src" ? "dist" : each.replace(/\.ts$/, ".*"))),
    ...(isLibrary ? { sideEffects: false } : {}),
    engines: { node },
    dependencies,
    // Who writes JavaScript, or for browsers alone, needs none.
    ...(hasTypesOfNode
      ? {
          peerDependencies: { "@types/node": ">=22" },
          peerDependenciesMeta: { "@types/node": { optional: true } },
        }
      : {}),
  };
}

function publishedExports(exports: Readonly<Record<string, string>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(exports)
      // What builds a package is not published with it.
      .filter(([, target]) => target.endsWith(".ts") && !target.startsWith("./build-"))
      .map(([name, target]) => {
        const built = target.replace("./src/", "./dist/").replace(/\.ts$/, "");
        return [name, { types: `${built}.d.ts`, default: `${built}.js` }];
      }),
  );
}
