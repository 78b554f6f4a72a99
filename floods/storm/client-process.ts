import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { StormOrder, StormReport } from "./storm-order.ts";

/** A process of clients, seen from the one that judges. One order is under way at a time. */
export class ClientProcess implements AsyncDisposable {
  readonly #child: ChildProcess = fork(join(import.meta.dirname, "storm-clients.ts"));

  /** Fulfils when the order is done, with a number where it asks for one. */
  async order(order: StormOrder): Promise<number> {
    return (await this.#ask(order)) as number;
  }

  async report(): Promise<StormReport> {
    return (await this.#ask({ kind: "report" })) as StormReport;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }

  async #ask(order: StormOrder): Promise<unknown> {
    const abort = new AbortController();
    const { signal } = abort;
    const answered = once(this.#child, "message", { signal }).then(
      ([message]) => (message as { readonly answer: unknown }).answer,
    );
    const ended = once(this.#child, "exit", { signal }).then(([code]) => {
      throw new Error(`a process of clients ended with ${code}`);
    });
    this.#child.send(order);
    try {
      return await Promise.race([answered, ended]);
    } finally {
      // Whichever did not come is waited for no longer.
      answered.catch(() => undefined);
      ended.catch(() => undefined);
      abort.abort();
    }
  }
}
