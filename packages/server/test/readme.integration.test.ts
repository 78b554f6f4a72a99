import assert from "node:assert/strict";
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { freePort } from "@parlor/testkit";
import { within } from "./support/within.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const README = readFileSync(join(ROOT, "README.md"), "utf8");

/** How long an example may take to start and answer, ms: each is a process of its own. */
const PATIENCE_MS = 30_000;

/** The code under a heading, of a language. */
function example(heading: string, language: "ts" | "js"): string {
  const section = README.split(/^## /m).find((each) => each.startsWith(`${heading}\n`));
  const code = new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, "m").exec(section ?? "")?.[1];
  assert.ok(code !== undefined, `README.md has no ${language} example under "${heading}"`);
  return code;
}

/** A process whose output is kept. */
class Program {
  readonly child: ChildProcess;
  readonly #waiting = new Set<() => void>();
  output = "";

  constructor(folder: string, file: string) {
    this.child = spawn(process.execPath, [join(folder, file)], { cwd: folder });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on("data", (data: Buffer) => {
        this.output += data.toString("utf8");
        for (const look of this.#waiting) look();
      });
    }
  }

  /** Fulfils when it has printed that. */
  async prints(pattern: RegExp): Promise<void> {
    const printed = new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (pattern.test(this.output)) resolve();
      };
      this.#waiting.add(look);
      look();
      this.child.once("exit", (code) => reject(new Error(`it ended with ${code}:\n${this.output}`)));
    });
    await within(printed, `${pattern} in its output`, PATIENCE_MS);
  }

  async ends(signal: NodeJS.Signals): Promise<number | null> {
    if (this.child.exitCode !== null) return this.child.exitCode;
    const exit = once(this.child, "exit");
    this.child.kill(signal);
    const [code] = (await within(exit, "its end", PATIENCE_MS)) as [number | null];
    return code;
  }
}

describe("the examples of README.md", () => {
  const programs: Program[] = [];
  let folder = "";
  let port = 0;

  const run = (file: string): Program => {
    const program = new Program(folder, file);
    programs.push(program);
    return program;
  };

  before(async () => {
    port = await freePort();
    folder = await mkdtemp(join(tmpdir(), "parlor-readme-"));
    await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
    const examples = {
      "server.ts": example("In your own server", "ts"),
      "client.ts": example("In your own page", "ts"),
      "plain.js": example("In your own page", "js"),
    };
    for (const [file, code] of Object.entries(examples)) {
      assert.ok(code.includes("8080"), `${file} names its port`);
      await writeFile(join(folder, file), code.replaceAll("8080", String(port)));
    }
    const tsconfig = { extends: join(ROOT, "tsconfig.json"), include: ["*.ts"], exclude: [] };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(tsconfig));
    await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  });
  after(async () => {
    for (const { child } of programs) child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });

  test("[DOC-3] fit the types of the packages", async () => {
    const tsc = join(ROOT, "node_modules", ".bin", "tsc");
    await promisify(execFile)(tsc, ["--noEmit", "-p", folder]).catch((error: { stdout: string }) =>
      assert.fail(error.stdout),
    );
  });

  test("[DOC-3] run: the server speaks, the page and the plain socket hear it, and a signal ends it", async () => {
    const server = run("server.ts");
    await server.prints(/the server speaks, too/);

    const page = run("client.ts");
    await page.prints(/the server speaks, too[^]*hello/);
    assert.match(page.output, /^open$/m);

    const plain = run("plain.js");
    await plain.prints(/^the server speaks, too\nhello\n[^]*^hello$/m);
    await server.prints(/body: 'hello'/);

    assert.equal(await server.ends("SIGTERM"), 0, server.output);
  });
});
