import { once } from "node:events";
import { type Transferable, Worker } from "node:worker_threads";

/** One worker thread as its owner sees it: requests go down, messages come up, and its death is told once. */
export class WorkerLink<Request extends { readonly kind: string }, Message> {
  readonly #worker: Worker;
  readonly #gone: Promise<unknown>;
  #isEnding = false;

  /** @param onDeath  Called when the thread ended without being asked to, with what it died of. */
  constructor(file: URL, onMessage: (message: Message) => void, onDeath: (why: string) => void) {
    this.#worker = new Worker(file);
    this.#worker.on("message", onMessage);
    let why = "it ended by itself";
    this.#worker.on("error", (error: unknown) => {
      why = error instanceof Error ? error.message : String(error);
    });
    this.#gone = once(this.#worker, "exit").then(() => {
      if (this.#isEnding) return;
      this.#isEnding = true;
      onDeath(why);
    });
  }

  post(request: Request, transfer: readonly Transferable[] = []): void {
    this.#worker.postMessage(request, transfer);
  }

  /** Sends the thread its last request and waits until it is gone. */
  async end(last: Request): Promise<void> {
    if (!this.#isEnding) {
      this.#isEnding = true;
      this.#worker.postMessage(last);
    }
    await this.#gone;
  }

  /** Ends the thread without asking it. */
  async kill(): Promise<void> {
    this.#isEnding = true;
    await this.#worker.terminate();
    await this.#gone;
  }
}
