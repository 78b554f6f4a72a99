import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { type Core, pinned } from "./cores.ts";
import type { Answer, Calls } from "./serve.ts";

export interface ChildOptions {
  /** The core to keep to; null for any. */
  readonly core: Core | null;
  /** Options for Node itself. */
  readonly nodeOptions?: readonly string[] | undefined;
}

/** How long a child may take to go when it was let go, ms; then it is killed. */
const LEAVE_MS = 15_000;

/** Another process of this benchmark, and the functions it offers. */
export class Child<Offered extends Calls> {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #nextId = 1;
  #isGone = false;

  constructor(file: URL, { core, nodeOptions = [] }: ChildOptions) {
    const { command, before } = pinned(core);
    this.#process = fork(file, [], { execPath: command, execArgv: [...before, ...nodeOptions] });
    this.#process.on("message", (answer: Answer) => this.#take(answer));
    this.#process.on("exit", (code, signal) => {
      this.#isGone = true;
      const error = new Error(`a process of the benchmark ended: ${signal ?? `exit code ${code}`}`);
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  call<Name extends keyof Offered & string>(
    name: Name,
    ...[argument]: Parameters<Offered[Name]>
  ): Promise<Awaited<ReturnType<Offered[Name]>>> {
    if (this.#isGone) throw new Error("the process that should answer is gone");
    const id = this.#nextId++;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    this.#process.send({ id, name, argument });
    return waiting.promise as Promise<Awaited<ReturnType<Offered[Name]>>>;
  }

  /** Ends the process without asking it. */
  kill(): void {
    this.#process.kill("SIGKILL");
  }

  /** Lets the process go, and waits until it is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isGone) return;
    const exited = once(this.#process, "exit");
    if (this.#process.connected) this.#process.disconnect();
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), LEAVE_MS);
    await exited;
    clearTimeout(timer);
  }

  #take(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ("fault" in answer) waiting?.reject(new Error(answer.fault));
    else waiting?.resolve(answer.value);
  }
}
