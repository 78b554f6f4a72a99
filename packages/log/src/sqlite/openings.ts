import { unavailable } from "../status-board.ts";
import { OpenRefused, type StorageFault } from "./storage-fault.ts";

type Thread = "writer" | "reader" | "copier";

interface Opening {
  readonly resolve: (epoch: string) => void;
  readonly reject: (error: Error) => void;
}

/** The threads of a log that have not said yet whether they could open the file. */
export class Openings {
  readonly #waiting = new Map<Thread, Opening>();

  wait(thread: Thread): Promise<string> {
    return new Promise((resolve, reject) => this.#waiting.set(thread, { resolve, reject }));
  }

  /** @param epoch  What the writer found in the file; the others say nothing. */
  opened(thread: Thread, epoch = ""): void {
    this.#take(thread)?.resolve(epoch);
  }

  notOpened(thread: Thread, { code, message }: StorageFault): void {
    this.#take(thread)?.reject(code === undefined ? unavailable(message) : new OpenRefused(code, message));
  }

  failAll(error: Error): void {
    for (const thread of [...this.#waiting.keys()]) this.#take(thread)?.reject(error);
  }

  #take(thread: Thread): Opening | undefined {
    const opening = this.#waiting.get(thread);
    this.#waiting.delete(thread);
    return opening;
  }
}
