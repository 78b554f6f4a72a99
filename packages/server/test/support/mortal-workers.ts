import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { AlternatingBalancer } from "@parlor/testkit";
import { temporaryFolder } from "./sqlite-folder.ts";
import { within } from "./within.ts";

/** A process that is killed and started again, on the port that it had. */
class Mortal {
  readonly #file: string;
  readonly #args: (port: number) => readonly string[];
  #child: ChildProcess | null = null;
  port = 0;

  constructor(file: string, args: (port: number) => readonly string[]) {
    this.#file = join(import.meta.dirname, file);
    this.#args = args;
  }

  async start(): Promise<void> {
    const child = fork(this.#file, [...this.#args(this.port)]);
    this.#child = child;
    const [{ port }] = (await within(once(child, "message"), "a word of a process", 60_000)) as [
      { port: number },
    ];
    this.port = port;
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }
}

/** An owner of a log on disk and two servers over it, all processes of their own, behind the balancer. */
export class MortalWorkers {
  readonly owner: Mortal;
  readonly workers: readonly Mortal[];
  readonly balancer: AlternatingBalancer;

  private constructor(owner: Mortal, workers: readonly Mortal[], balancer: AlternatingBalancer) {
    this.owner = owner;
    this.workers = workers;
    this.balancer = balancer;
  }

  static async start(t: TestContext): Promise<MortalWorkers> {
    const folder = await temporaryFolder(t);
    const path = join(folder, "log.sock");
    const owner = new Mortal("child-owner.ts", () => [folder, path]);
    const workers = [1, 2].map(() => new Mortal("child-worker.ts", (port) => [path, String(port)]));
    t.after(() => Promise.all([owner, ...workers].map((each) => each.kill())));
    await owner.start();
    await Promise.all(workers.map((worker) => worker.start()));
    const balancer = await AlternatingBalancer.listen(workers.map(({ port }) => port));
    t.after(() => balancer[Symbol.asyncDispose]());
    return new MortalWorkers(owner, workers, balancer);
  }

  get origin(): string {
    return `http://127.0.0.1:${this.balancer.port}`;
  }
}
