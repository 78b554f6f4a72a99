import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { findProgram } from "./find-program.ts";
import { until } from "./patience.ts";

const MAX_OUTPUT_CHARACTERS = 20_000;
const STOP_TIMEOUT_MS = 10_000;

/** One nats-server with its configuration's file: started, ended and started again. */
export class NatsServerProcess {
  readonly #file: string;
  #child: ChildProcess | null = null;
  #ended: Promise<void> = Promise.resolve();
  #isPaused = false;
  #said = "";

  constructor(file: string) {
    this.#file = file;
  }

  get isRunning(): boolean {
    return this.#child !== null;
  }

  /** Whether it runs and is not stopped. */
  get isServing(): boolean {
    return this.#child !== null && !this.#isPaused;
  }

  /** The end of what it wrote. */
  get said(): string {
    return this.#said;
  }

  start(): void {
    if (this.#child !== null) throw new Error("it runs already");
    const child = spawn(findProgram("nats-server"), ["-c", this.#file], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    this.#isPaused = false;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on(
        "data",
        (chunk: Buffer) => (this.#said = (this.#said + String(chunk)).slice(-MAX_OUTPUT_CHARACTERS)),
      );
    }
    const kill = (): void => void child.kill("SIGKILL");
    process.once("exit", kill);
    this.#ended = new Promise((resolve) => {
      const end = (): void => {
        process.removeListener("exit", kill);
        if (this.#child === child) this.#child = null;
        resolve();
      };
      child.once("close", end);
      child.once("error", end);
    });
  }

  /** Sends the signal and resolves when it is gone. One that does not run is gone. */
  async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    if (this.#isPaused) this.resume();
    child.kill(signal);
    await this.#ended;
  }

  /** Resolves when none of it runs any more: the signal is sent long before its last thread has stopped. */
  async pause(): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined || !child.kill("SIGSTOP")) return;
    this.#isPaused = true;
    const { pid } = child;
    if (!(await until(() => isStopped(pid), STOP_TIMEOUT_MS))) throw new Error("nats-server did not stop");
  }

  resume(): void {
    this.#child?.kill("SIGCONT");
    this.#isPaused = false;
  }
}

/** Whether each of its threads is stopped, or gone; where the system doesn't show threads nobody can say more. */
function isStopped(pid: number): boolean {
  if (!existsSync("/proc/self/task")) return true;
  try {
    const folder = `/proc/${pid}/task`;
    // Behind the name, which may hold anything, stands the state.
    return readdirSync(folder).every((thread) =>
      /\) [TtZX] [^)]*$/.test(readFileSync(`${folder}/${thread}/stat`, "utf8")),
    );
  } catch {
    return !existsSync(`/proc/${pid}`);
  }
}
