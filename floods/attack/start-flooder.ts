import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Told } from "./tellings.ts";

/**
 * Whom the flooder goes before on the cores that it shares with the server: a flooder brings a machine of its own, and
 * what it takes of the cores would be measured as if the server were slow. `last`: it has the lowest priority, and is
 * still given a turn of some ms before who was waked by a message meanwhile. `nobody`: it runs where nothing else
 * wants to, so on a busy machine not at all; where the system knows that (Linux), else as `last`.
 */
export type Precedence = "last" | "nobody";

const NICE = ["nice", "-n", "19", process.execPath] as const;
const IDLE = ["chrt", "--idle", "0", process.execPath] as const;

/** The process that floods, seen from the one that measures. */
export class Flooder implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Fulfils when it is ready to begin. */
  static async start(name: string, port: number, seconds: number, before: Precedence): Promise<Flooder> {
    const [execPath, ...execArgv] = before === "nobody" && process.platform === "linux" ? IDLE : NICE;
    const child = fork(join(import.meta.dirname, "flooder.ts"), [name, String(port), String(seconds)], {
      execPath,
      execArgv,
    });
    const flooder = new Flooder(child);
    await flooder.#next();
    return flooder;
  }

  /** Floods, and fulfils with what it was told; its connections stay until `leave`. */
  async flood(): Promise<Told> {
    this.#child.send("begin");
    return (await this.#next()) as Told;
  }

  async leave(): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.send("leave");
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }

  async #next(): Promise<unknown> {
    const ended = once(this.#child, "exit").then(([code]) => {
      throw new Error(`the process that floods ended with ${code}`);
    });
    const told = once(this.#child, "message").then(([message]) => message as unknown);
    // Whichever comes second is no news.
    ended.catch(() => undefined);
    return await Promise.race([told, ended]);
  }
}
