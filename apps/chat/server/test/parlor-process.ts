import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const SERVER = join(import.meta.dirname, "..");

/** What tests start: where they run by the hundred their runner has bundled it, and else it is the source. */
export const COMMAND = process.env["TESTED_COMMAND"] ?? join(SERVER, "main.ts");

/** Where the runner of the tests keeps what was compiled. */
const CACHE = process.env["NODE_COMPILE_CACHE"];
const COMPILE_CACHE: Readonly<Record<string, string>> =
  CACHE === undefined ? {} : { NODE_COMPILE_CACHE: CACHE };

/** A server that neither serves nor ends within this is a failure, in ms. */
const PATIENCE_MS = 30_000;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface StartOptions {
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** The source to start. @default `COMMAND` */
  readonly entry?: "main.ts" | "parlor.mjs";
  readonly nodeArgs?: readonly string[];
  /** A command and its arguments that the process is started through, such as a tracer. */
  readonly through?: readonly string[];
  /** What it reads on stdin. @default nothing */
  readonly input?: string;
  /** How long it may take to serve; where a cluster has to agree on its streams first, on a busy machine, long. @default 30_000 */
  readonly startsWithinMs?: number;
}

/** A folder that is gone at the end of the test. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "parlor-command-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** A real process of the command, with an environment of its own, killed at the end of the test. */
export class ParlorProcess {
  readonly #child: ChildProcess;
  readonly stdout: string[] = [];
  readonly stderr: string[] = [];
  readonly #onLine = new Set<() => void>();
  /** The address that it prints; rejects where it ends before. */
  readonly url: Promise<string>;
  readonly ended: Promise<Ended>;

  constructor(options: StartOptions = {}) {
    const entry = options.entry === undefined ? COMMAND : join(SERVER, options.entry);
    const command = [
      ...(options.through ?? []),
      process.execPath,
      ...(options.nodeArgs ?? []),
      entry,
      ...(options.args ?? []),
    ];
    this.#child = spawn(command[0] as string, command.slice(1), {
      env: { PATH: process.env["PATH"] ?? "", ...COMPILE_CACHE, ...options.environment },
      stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    // A process that ends before it has read everything is no fault of the test's.
    this.#child.stdin?.on("error", () => undefined);
    this.#child.stdin?.end(options.input);
    this.ended = new Promise((resolve) => {
      this.#child.on("close", (code, signal) => resolve({ code, signal }));
    });
    this.url = this.#addressPrinted(options.startsWithinMs ?? PATIENCE_MS);
    // Who does not ask for the address is not interested in why there is none.
    this.url.catch(() => undefined);
  }

  #addressPrinted(withinMs: number): Promise<string> {
    const { stdout, stderr } = this.#child;
    if (stdout === null || stderr === null) throw new Error("the child has no pipes");
    createInterface({ input: stderr }).on("line", (line) => {
      this.stderr.push(line);
      for (const listener of this.#onLine) listener();
    });
    const address = new Promise<string>((resolve) => {
      createInterface({ input: stdout }).on("line", (line) => {
        this.stdout.push(line);
        for (const listener of this.#onLine) listener();
        const url = / serves (http:\S+)$/.exec(line)?.[1];
        if (url !== undefined) resolve(url);
      });
    });
    const gone = this.ended.then(({ code }) => {
      throw new Error(`it ended with ${code} before it served: ${this.stderr.join("\n")}`);
    });
    return within(Promise.race([address, gone]), "it did not print an address", withinMs);
  }

  /** Fulfils at the line after which `isThere` holds. */
  async printed(isThere: () => boolean): Promise<void> {
    let listener = (): void => undefined;
    try {
      await within(
        new Promise<void>((resolve) => {
          listener = () => isThere() && resolve();
          this.#onLine.add(listener);
          listener();
        }),
        `it did not print what was waited for, but ${JSON.stringify([this.stdout, this.stderr])},`,
      );
    } finally {
      this.#onLine.delete(listener);
    }
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("the process did not start");
    return this.#child.pid;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  end(): Promise<Ended> {
    return within(this.ended, "it did not end");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill("SIGKILL");
    await this.ended;
  }
}

/** Fails in words where a promise takes too long. */
export async function within<T>(promise: Promise<T>, otherwise: string, ms = PATIENCE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${otherwise} within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
