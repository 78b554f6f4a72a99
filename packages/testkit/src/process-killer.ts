import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import type { Random } from "@parlor/base";
import { randomInteger } from "./seeded-random.ts";

export interface ProcessKillerOptions {
  /**
   * Program and arguments, for a port: 0 at the first start, then the one that the first start was given.
   * To trace a server, put `strace -D …` in front: then it stays the process that is killed.
   */
  readonly command: (port: number) => readonly [program: string, ...args: string[]];
  /** Chooses the moments of kills. */
  readonly random: Random;
  /** A line of the output that says it serves; its first group is the port. Default: any `http://…:PORT`. */
  readonly ready?: RegExp;
  /** How long a start may take, in ms. @default 20_000 */
  readonly startTimeoutMs?: number;
  readonly cwd?: string;
  /**
   * Whether it gets a group of processes of its own, so that a Ctrl-C for the test does not reach it too. Then
   * a SIGKILL of the test's group leaves it alive. @default false
   */
  readonly ownGroup?: boolean;
  /** Added to the environment of this process. */
  readonly environment?: NodeJS.ProcessEnv;
}

/** How one life of the process ended. */
export interface ProcessEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

const MAX_OUTPUT_CHARACTERS = 100_000;

/**
 * Runs a real server process and takes its life, again and again, on one port and one folder of data.
 * Nothing it started outlives it: dispose of it (`await using`), and even an `exit` of the test kills it.
 */
export class ProcessKiller {
  /** How each life ended, in order. */
  readonly ends: ProcessEnd[] = [];
  readonly #options: ProcessKillerOptions;
  #port = 0;
  #life: Life | null = null;

  constructor(options: ProcessKillerOptions) {
    this.#options = options;
  }

  /** The port that it serves; 0 before the first start. */
  get port(): number {
    return this.#port;
  }

  get pid(): number | null {
    return this.#life?.child.pid ?? null;
  }

  get isRunning(): boolean {
    return this.#life !== null;
  }

  /** What the life that runs now wrote to stdout and stderr, the end of it. */
  get output(): { readonly stdout: string; readonly stderr: string } {
    return { stdout: this.#life?.stdout ?? "", stderr: this.#life?.stderr ?? "" };
  }

  /** Starts it and resolves when it serves; rejects with what it said where it ends or dallies before. */
  async start(): Promise<void> {
    if (this.#life !== null) throw new Error("it runs already");
    const [program, ...args] = this.#options.command(this.#port);
    const life = new Life(program, args, this.#options);
    this.#life = life;
    void life.ended.then((end) => {
      this.ends.push(end);
      if (this.#life === life) this.#life = null;
    });
    const timeout = new AbortController();
    const dallied = wait(this.#options.startTimeoutMs ?? 20_000, "dallied" as const, {
      signal: timeout.signal,
    });
    // Cancelled below; that it was is no news.
    dallied.catch(() => undefined);
    const first = await Promise.race([life.serving, life.ended, dallied]);
    timeout.abort();
    if (typeof first === "number") {
      this.#port = first;
      return;
    }
    const said = `${life.stdout}${life.stderr}`;
    if (first === "dallied") {
      life.child.kill("SIGKILL");
      await life.ended;
      throw new Error(`${program} did not say in time that it serves; it said:\n${said}`);
    }
    throw new Error(`${program} ended with ${first.exitCode ?? first.signal} before it served:\n${said}`);
  }

  /** How the life that runs now will have ended, whoever ends it; null where none runs. */
  get ended(): Promise<ProcessEnd> | null {
    return this.#life?.ended ?? null;
  }

  /** Sends a signal, and resolves when the process is gone. */
  async end(signal: NodeJS.Signals = "SIGKILL"): Promise<ProcessEnd> {
    const life = this.#life;
    if (life === null) throw new Error("it does not run");
    life.child.kill(signal);
    return await life.ended;
  }

  /** Stops it as a long collection or a suspended machine would, for `ms`; it lives on afterwards. */
  async freeze(ms: number): Promise<void> {
    const life = this.#life;
    life?.child.kill("SIGSTOP");
    await wait(ms);
    life?.child.kill("SIGCONT");
  }

  /**
   * Kills and starts it `times` times, each time after a random moment within [minMs, maxMs] of its life.
   * `betweenMs` is how long it stays down.
   */
  async haunt(
    times: number,
    moments: { readonly minMs: number; readonly maxMs: number; readonly betweenMs?: number },
    signal: NodeJS.Signals = "SIGKILL",
  ): Promise<void> {
    for (let i = 0; i < times; i++) {
      await wait(randomInteger(this.#options.random, moments.minMs, moments.maxMs));
      await this.end(signal);
      if (moments.betweenMs !== undefined) await wait(moments.betweenMs);
      await this.start();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const life = this.#life;
    if (life === null) return;
    // A stopped process dies of SIGKILL too.
    life.child.kill("SIGKILL");
    await life.ended;
  }
}

/** One run of the process, from its start to its end. */
class Life {
  readonly child: ChildProcess;
  readonly serving: Promise<number>;
  readonly ended: Promise<ProcessEnd>;
  stdout = "";
  stderr = "";

  constructor(program: string, args: readonly string[], options: ProcessKillerOptions) {
    this.child = spawn(program, args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...process.env, ...options.environment },
      detached: options.ownGroup === true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const { child } = this;
    const kill = (): void => void child.kill("SIGKILL");
    process.once("exit", kill);
    this.ended = endOf(child).then(([exitCode, signal]) => {
      process.removeListener("exit", kill);
      return { exitCode, signal, stderr: this.stderr };
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      this.stderr = (this.stderr + chunk.toString()).slice(-MAX_OUTPUT_CHARACTERS);
    });
    const ready = options.ready ?? /https?:\/\/[^\s:]+:(\d+)/;
    this.serving = new Promise((resolve) => {
      child.stdout?.on("data", (chunk: Buffer) => {
        this.stdout = (this.stdout + chunk.toString()).slice(-MAX_OUTPUT_CHARACTERS);
        const port = ready.exec(this.stdout)?.[1];
        if (port !== undefined) resolve(Number(port));
      });
    });
  }
}

/** When the process is gone and all it said has been read; a program that can't be started ends with 127. */
async function endOf(child: ChildProcess): Promise<[number | null, NodeJS.Signals | null]> {
  try {
    const [exitCode, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
    return [exitCode, signal];
  } catch {
    return [127, null];
  }
}
