import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface WorkspacePackage {
  /** Below the root, with `/`. */
  readonly folder: string;
  readonly name: string;
  readonly dependencies: ReadonlySet<string>;
}

export interface Workspace {
  readonly packages: readonly WorkspacePackage[];
  /** Development tools of the root, which tests, scripts and benches may import. */
  readonly tools: ReadonlySet<string>;
  /** For each layer, the layers it may import; from layers.json. */
  readonly layers: ReadonlyMap<string, readonly string[]>;
}

export function readWorkspace(root: string): Workspace {
  const manifest = readManifest(join(root, "package.json"));
  const layers = JSON.parse(readFileSync(join(root, "layers.json"), "utf8")) as {
    layers: Record<string, string[]>;
  };
  const packages: WorkspacePackage[] = [];
  for (const folder of (manifest.workspaces ?? []).flatMap((pattern) => globSync(pattern, { cwd: root }))) {
    const path = join(root, folder, "package.json");
    if (!existsSync(path)) continue;
    const own = readManifest(path);
    packages.push({
      folder: folder.replaceAll("\\", "/"),
      name: own.name ?? "",
      dependencies: new Set([
        ...Object.keys(own.dependencies ?? {}),
        ...Object.keys(own.peerDependencies ?? {}),
      ]),
    });
  }
  return {
    packages,
    tools: new Set(Object.keys(manifest.devDependencies ?? {})),
    layers: new Map(Object.entries(layers.layers)),
  };
}

interface Manifest {
  readonly name?: string;
  readonly workspaces?: readonly string[];
  readonly dependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
}

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, "utf8")) as Manifest;
}

/** Whether `path` is `folder` or lies below it. */
export function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
