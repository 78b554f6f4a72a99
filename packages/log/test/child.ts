import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("./child-log.ts", import.meta.url));

export interface Line {
  readonly opened?: true;
  readonly acked?: { readonly room: string; readonly seq: number; readonly offset: number };
  readonly erased?: { readonly room: string; readonly seq: number };
  readonly answered?: { readonly kind: string };
  readonly refused?: { readonly code: string; readonly message: string };
  readonly status?: { readonly kind: string; readonly message?: string };
  readonly statuses?: readonly string[];
  readonly integrity?: string;
  readonly overtook?: number;
  readonly read?: readonly number[];
  readonly threw?: { readonly code: string; readonly message: string };
}

/** A process of `child-log.ts` and what it said so far. */
export class Child {
  readonly lines: Line[] = [];
  readonly exited: Promise<number | null>;
  readonly #process: ChildProcess;
  readonly #waiting: {
    isMet: (line: Line) => boolean;
    resolve: (line: Line) => void;
    reject: (e: Error) => void;
  }[] = [];
  #errors = "";

  /** @param wrapper  A program and its arguments that runs the rest of its arguments as a command. */
  constructor(args: readonly string[], wrapper: readonly string[] = []) {
    const [command = "", ...rest] = [...wrapper, process.execPath, PROGRAM, ...args];
    this.#process = spawn(command, rest, { stdio: ["ignore", "pipe", "pipe"] });
    const { stdout, stderr } = this.#process;
    if (stdout === null || stderr === null) throw new Error("the child has no pipes");
    stderr.setEncoding("utf8").on("data", (text: string) => (this.#errors += text));
    const lines = createInterface({ input: stdout });
    lines.on("line", (text) => this.#take(text));
    const closed = once(lines, "close");
    this.exited = once(this.#process, "exit").then(async ([code]) => {
      await closed;
      const error = new Error(`the child ended before it said what was waited for: ${this.#errors}`);
      for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
      return code as number | null;
    });
  }

  /** The first line, said or to come, that fits. */
  said(isMet: (line: Line) => boolean): Promise<Line> {
    const line = this.lines.find(isMet);
    if (line !== undefined) return Promise.resolve(line);
    return new Promise((resolve, reject) => this.#waiting.push({ isMet, resolve, reject }));
  }

  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.exited;
  }

  #take(text: string): void {
    // A process that is killed may leave half a line; what it says there counts as not said.
    if (!text.endsWith("}")) return;
    const line = JSON.parse(text) as Line;
    this.lines.push(line);
    for (const waiting of [...this.#waiting]) {
      if (!waiting.isMet(line)) continue;
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      waiting.resolve(line);
    }
  }
}

/** Whether a command runs here and ends well. */
export function canRun(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}
