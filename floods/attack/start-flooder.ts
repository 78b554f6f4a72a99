import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Told } from "./tellings.ts";

/**
 * What starts it: at the lowest priority. A flooder brings a machine of its own; here it shares the cores, and
 * what it takes of them would be measured as if the server were slow.
 */
const NICE = { execPath: "nice", execArgv: ["-n", "19", process.execPath] };

/** The process that floods, seen from the one that measures. */
export class Flooder implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Fulfils when it is ready to begin. */
  static async start(name: string, port: number, seconds: number): Promise<Flooder> {
    const child = fork(join(import.meta.dirname, "flooder.ts"), [name, String(port), String(seconds)], NICE);
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
