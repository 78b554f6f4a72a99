import "./need-node-24.ts";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import { importCycles } from "./import-cycles.ts";
import { listImports, type Import } from "./list-imports.ts";
import { reportAndExit, type Problem } from "./problem.ts";
import { isTestFile, sourceFiles } from "./source-files.ts";
import { isBelow, readWorkspace, type Workspace, type WorkspacePackage } from "./workspace.ts";

/**
 * Checks every import of the repository, of values and of types alike, against layers.json:
 * it resolves, it goes to a layer that the importing one may see, it crosses packages by name, the
 * package says that it depends on it, and no files of one package import one another in a circle.
 *
 * Files of tests and measurements may import anything; they only must not name what is not there.
 */
export function checkLayers(root: string): Problem[] {
  const checker = new LayerChecker(root, readWorkspace(root));
  for (const path of sourceFiles(root, [".ts", ".tsx", ".mjs"])) checker.check(path);
  return [...checker.problems, ...checker.cycles()];
}

class LayerChecker {
  readonly problems: Problem[] = [];
  readonly #root: string;
  readonly #workspace: Workspace;
  /** Imports between files of one package, tests left out. */
  readonly #graph = new Map<string, Set<string>>();

  constructor(root: string, workspace: Workspace) {
    this.#root = root;
    this.#workspace = workspace;
  }

  check(path: string): void {
    const layer = this.#layerOf(path);
    if (layer === null) {
      this.#refuse(path, undefined, "belongs to no layer of layers.json");
      return;
    }
    if (!isTestFile(path)) this.#graph.set(path, new Set());
    for (const each of listImports(readFileSync(join(this.#root, path), "utf8"))) {
      const { specifier, line } = each;
      if (specifier === null) {
        if (!mayImportTools(path))
          this.#refuse(path, line, "imports a computed path, which nobody can check");
      } else if (specifier.startsWith(".")) this.#checkRelative(path, layer, each, specifier);
      else if (!specifier.startsWith("node:")) this.#checkPackage(path, layer, line, specifier);
    }
  }

  cycles(): Problem[] {
    return importCycles(this.#graph).map(([first, ...rest]) => ({
      path: first as string,
      message: `imports itself by way of ${[...rest, first].join(" → ")}`,
    }));
  }

  #checkRelative(path: string, layer: string, each: Import, specifier: string): void {
    const target = posix.join(posix.dirname(path), specifier);
    if (!this.#isFile(target)) {
      this.#refuse(path, each.line, `imports "${specifier}", which does not exist`);
      return;
    }
    if (isTestFile(path)) return;
    const packageOf = (file: string): string => this.#packageOf(file)?.folder ?? topFolder(file);
    if (packageOf(path) !== packageOf(target)) {
      this.#refuse(
        path,
        each.line,
        `imports "${specifier}" of another package; import it by the package's name`,
      );
      return;
    }
    this.#checkLayer(path, layer, each.line, specifier, this.#layerOf(target));
    if (isTestFile(target)) this.#refuse(path, each.line, `imports "${specifier}", which is part of a test`);
    if (each.kind !== "file") this.#graph.get(path)?.add(target);
  }

  #checkPackage(path: string, layer: string, line: number, specifier: string): void {
    const name = packageName(specifier);
    const target = this.#workspace.packages.find((each) => each.name === name);
    const importer = this.#packageOf(path);
    const isTool = this.#workspace.tools.has(name);
    const isListed = importer?.dependencies.has(name) === true;
    if (target === undefined && !isListed && !(isTool && mayImportTools(path))) {
      this.#refuse(
        path,
        line,
        `imports "${name}", which ${importer?.folder ?? "the root"}/package.json does not list`,
      );
    }
    if (target === undefined || isTestFile(path)) return;
    this.#checkLayer(path, layer, line, specifier, target.folder);
    if (importer !== undefined && importer !== target && !isListed) {
      this.#refuse(path, line, `imports "${name}", which ${importer.folder}/package.json does not list`);
    }
  }

  #checkLayer(path: string, from: string, line: number, specifier: string, to: string | null): void {
    if (to === null || isBelow(to, from)) return;
    if (this.#workspace.layers.get(from)?.some((allowed) => isBelow(to, allowed)) === true) return;
    this.#refuse(path, line, `imports "${specifier}" (${to}), which ${from} may not see`);
  }

  /** The longest layer of layers.json that holds the file. */
  #layerOf(path: string): string | null {
    let found: string | null = null;
    for (const layer of this.#workspace.layers.keys()) {
      if (isBelow(path, layer) && layer.length > (found?.length ?? 0)) found = layer;
    }
    return found;
  }

  #packageOf(path: string): WorkspacePackage | undefined {
    return this.#workspace.packages.find((each) => isBelow(path, each.folder));
  }

  #isFile(path: string): boolean {
    const full = join(this.#root, path);
    return existsSync(full) && statSync(full).isFile();
  }

  #refuse(path: string, line: number | undefined, message: string): void {
    this.problems.push({ path, line, message });
  }
}

/** Tests, and what only ever runs on a developer's machine. */
function mayImportTools(path: string): boolean {
  return (
    isTestFile(path) ||
    /^(scripts|bench|torture|floods|simulation|packages\/testkit)\//.test(path) ||
    /\/build(-[a-z]+)?\.ts$/.test(path)
  );
}

/** `@scope/name/deep` → `@scope/name`, `name/deep` → `name`. */
function packageName(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function topFolder(path: string): string {
  return path.split("/", 1)[0] as string;
}

if (import.meta.main) reportAndExit(checkLayers(process.cwd()));
