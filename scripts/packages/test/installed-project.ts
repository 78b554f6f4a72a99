import { execFile, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { buildPackages } from "../build-packages.ts";

const ROOT = join(import.meta.dirname, "../../..");
const run = promisify(execFile);

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** A server that was started in the project, and ends when it is told to. */
export interface RunningServer extends AsyncDisposable {
  readonly url: string;
  /** Asks it to end, and gives its exit code. */
  end(): Promise<number | null>;
}

/**
 * An empty project elsewhere, into which the packed packages were installed as anybody's would be, by npm and
 * without a network: what they depend on is packed out of the repository's own node_modules.
 */
export class InstalledProject implements Disposable {
  readonly folder: string;
  /** The packages as they were built, before they were packed. */
  readonly built: readonly string[];
  /** Names of the files in each tarball, by package. */
  readonly packed: ReadonlyMap<string, readonly string[]>;

  private constructor(
    folder: string,
    built: readonly string[],
    packed: ReadonlyMap<string, readonly string[]>,
  ) {
    this.folder = folder;
    this.built = built;
    this.packed = packed;
  }

  static async make(): Promise<InstalledProject> {
    const folder = mkdtempSync(join(tmpdir(), "parlor-installed-"));
    try {
      const built = buildPackages(join(folder, "built"));
      const tarballs = join(folder, "tarballs");
      mkdirSync(tarballs);
      const { stdout } = await npm(folder, [
        "pack",
        "--json",
        "--ignore-scripts",
        "--pack-destination",
        tarballs,
        ...built,
        ...neededBy(built),
      ]);
      const entries = Object.values(JSON.parse(stdout) as Record<string, PackedEntry>);
      writeFileSync(join(folder, "package.json"), '{ "name": "somebodys", "private": true }\n');
      const paths = entries.map(({ filename }) =>
        join(tarballs, filename.replace("@", "").replace("/", "-")),
      );
      await npm(folder, ["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", ...paths]);
      cpSync(join(import.meta.dirname, "consumer"), folder, { recursive: true });
      const packed = new Map(entries.map(({ name, files }) => [name, files.map(({ path }) => path)]));
      return new InstalledProject(folder, built, packed);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Runs a module of the project on Node as it is, and gives the JSON that it prints. */
  async prints(module: string, ...args: readonly string[]): Promise<unknown> {
    const { stdout } = await run(process.execPath, ["--no-strip-types", module, ...args], {
      cwd: this.folder,
    });
    return JSON.parse(stdout);
  }

  /** Runs a command of the project, as npx would. */
  async runs(command: string, ...args: readonly string[]): Promise<string> {
    const { stdout } = await npm(this.folder, ["exec", "--offline", "--", command, ...args]);
    return stdout;
  }

  /** Starts what prints `serves URL` when it does. */
  async serves(args: readonly string[]): Promise<RunningServer> {
    const child = spawn(process.execPath, ["--no-strip-types", ...args], {
      cwd: this.folder,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    const url = await new Promise<string>((resolve, reject) => {
      void ended.then((code) => reject(new Error(`it ended with ${code} before it served`)));
      createInterface({ input: child.stdout }).on("line", (line) => {
        const address = /serves (http:\S+)$/.exec(line)?.[1];
        if (address !== undefined) resolve(address);
      });
    });
    const end = (): Promise<number | null> => {
      child.kill("SIGTERM");
      return ended;
    };
    return {
      url,
      end,
      [Symbol.asyncDispose]: async () => {
        child.kill("SIGKILL");
        await ended;
      },
    };
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

interface PackedEntry {
  readonly name: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** The npm that runs this, where one does. */
function npm(cwd: string, args: readonly string[]): Promise<{ stdout: string }> {
  const cli = process.env["npm_execpath"];
  const [command, ...before] = cli?.endsWith(".js") === true ? [process.execPath, cli] : ["npm"];
  return run(command as string, [...before, ...args], { cwd, maxBuffer: 64 * 1024 * 1024 });
}

/** Folders below node_modules of all that the built packages depend on, and of Node's types. */
function neededBy(built: readonly string[]): string[] {
  const found = new Map<string, string>();
  const visit = (folder: string): void => {
    const { dependencies = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
    for (const name of Object.keys(dependencies)) add(name);
  };
  const add = (name: string): void => {
    if (name.startsWith("@parlor/") || found.has(name)) return;
    const folder = join(ROOT, "node_modules", name);
    found.set(name, folder);
    visit(folder);
  };
  for (const folder of built) visit(folder);
  add("@types/node");
  return [...found.values()];
}
